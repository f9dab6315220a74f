// SPDX-License-Identifier: Apache-2.0

/// A step of the local back-end that changes the disk; reported to tests, in order.
package enum LocalEvent: Hashable, Sendable, CustomStringConvertible {
  /// The bytes of an object reached the disk.
  case syncedFile(String)
  /// An object got its name.
  case named(String)
  /// The names in a folder ("" is the top) reached the disk.
  case syncedFolder(String)
  /// An object lost its name.
  case removed(String)

  /// Verb and name.
  package var description: String {
    switch self {
    case .syncedFile(let name): "sync file \(name)"
    case .named(let name): "name \(name)"
    case .syncedFolder(let path): "sync folder \(path)"
    case .removed(let name): "remove \(name)"
    }
  }
}
