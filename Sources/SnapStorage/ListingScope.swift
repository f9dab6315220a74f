// SPDX-License-Identifier: Apache-2.0

/// What the prefix given to ``Backend/list(_:)`` asks for.
public enum ListingScope: Hashable, Sendable {
  /// Every object but those under `tmp/`.
  case everything
  /// The objects below a folder; its path has no final slash.
  case folder(String)
  /// One object.
  case object(ObjectName)

  /// Reads a prefix.
  ///
  /// - Throws: ``BackendError`` `.invalidName` when it is neither "", a folder nor a name.
  public init(_ prefix: String) throws(BackendError) {
    if prefix.isEmpty {
      self = .everything
    } else if prefix.utf8.last == UInt8(ascii: "/") {
      self = .folder(try ObjectName(String(decoding: prefix.utf8.dropLast(), as: UTF8.self)).text)
    } else {
      self = .object(try ObjectName(prefix))
    }
  }

  /// Whether an object belongs to what was asked for.
  public func covers(_ name: ObjectName) -> Bool {
    switch self {
    case .everything: !name.text.hasPrefix("tmp/")
    case .folder(let path): name.text.hasPrefix(path + "/")
    case .object(let wanted): name == wanted
    }
  }
}
