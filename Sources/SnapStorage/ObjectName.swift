// SPDX-License-Identifier: Apache-2.0

/// The name of an object in a store, like `snap/0a1b…`; checked once, here.
///
/// Format: FORMAT.md, "Names". One or more parts of `A–Z a–z 0–9 . _ -`, joined by single
/// slashes; no part is `.` or `..`; at most 200 bytes in all.
public struct ObjectName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Longest name in bytes.
  public static let lengthMax = 200

  /// The name as text, ASCII only.
  public let text: String

  /// Checks and takes over a name.
  ///
  /// - Throws: ``BackendError`` `.invalidName`, whatever breaks the rules.
  public init(_ text: String) throws(BackendError) {
    guard ObjectName.isValid(text) else {
      throw BackendError(.invalidName, "not an object name: \(ObjectName.quoted(text))")
    }
    self.text = text
  }

  /// The folder that holds the object, without a final slash; "" for one at the top.
  public var folder: String {
    guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(text[..<slash])
  }

  /// The last part of the name.
  public var leaf: String {
    guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return text }
    return String(text[text.utf8.index(after: slash)...])
  }

  /// The name as text.
  public var description: String { text }

  /// Orders names by their bytes.
  public static func < (left: ObjectName, right: ObjectName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  private static func isValid(_ text: String) -> Bool {
    let bytes = text.utf8
    guard !bytes.isEmpty, bytes.count <= lengthMax else { return false }
    var length = 0  // of the part so far
    var dots = 0
    for byte in bytes {
      if byte == UInt8(ascii: "/") {
        guard isPart(length: length, dots: dots) else { return false }
        (length, dots) = (0, 0)
        continue
      }
      guard isAllowed(byte) else { return false }
      length += 1
      if byte == UInt8(ascii: ".") { dots += 1 }
    }
    return isPart(length: length, dots: dots)
  }

  private static func isPart(length: Int, dots: Int) -> Bool {
    length > 0 && !(dots == length && length <= 2)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "-"):
      return true
    default:
      return false
    }
  }

  /// A bad name in a form that a terminal can show: escaped and at most 80 characters.
  static func quoted(_ text: String) -> String {
    String(text.prefix(80)).debugDescription
  }
}
