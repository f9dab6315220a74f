// SPDX-License-Identifier: Apache-2.0

/// One object of a listing.
public struct ObjectInfo: Hashable, Sendable {
  /// The object's name.
  public let name: ObjectName
  /// Its length in bytes.
  public let size: Int
  /// When it was written by the store's own clock, ns since 1970.
  public let modified: Int64

  /// Describes an object.
  public init(name: ObjectName, size: Int, modified: Int64) {
    self.name = name
    self.size = size
    self.modified = modified
  }
}
