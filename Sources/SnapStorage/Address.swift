// SPDX-License-Identifier: Apache-2.0

/// Where a repository lives.
public enum Address: Sendable, Hashable, CustomStringConvertible {
  /// A folder on this computer; the path is absolute, has no empty or `.` part and no final slash.
  case local(path: String)

  /// Reads an address as a user types it: `/path`, `file:///path`, or a path relative to `base`.
  ///
  /// `..` is kept, since what it means depends on links.
  ///
  /// - Parameter base: the absolute path that relative ones start from.
  /// - Throws: ``AddressError``; `.notYet` for `s3:` and `webdav:` addresses.
  public init(_ text: String, relativeTo base: String) throws(AddressError) {
    guard !text.isEmpty else { throw AddressError(.empty, "the repository address is empty") }
    guard !text.utf8.contains(0) else {
      throw AddressError(.malformed, "the repository address holds a zero byte")
    }
    guard let (scheme, rest) = Address.splitScheme(text) else {
      let isAbsolute = text.utf8.first == UInt8(ascii: "/")
      self = .local(path: Address.tidy(isAbsolute ? text : base + "/" + text))
      return
    }
    if Address.hasUserInfo(rest) {
      throw AddressError(
        .holdsSecret, "an address holds no user name and no password: \(scheme)://…")
    }
    switch scheme {
    case "file":
      self = .local(path: try Address.filePath(rest))
    case "s3", "s3+http", "webdav", "webdav+http":
      throw AddressError(.notYet, "\(scheme):// is not yet in this version of snap")
    default:
      throw AddressError(
        .unknownScheme,
        "unknown kind of address \(scheme)://; a folder is written /path or file:///path")
    }
  }

  /// The address in its plain form; reading it gives the same address.
  public var text: String {
    switch self {
    case .local(let path): path
    }
  }

  /// The address in its plain form.
  public var description: String { text }

  /// Splits `scheme://rest`; a scheme is a letter, then letters, digits, `+`, `-` or `.`.
  private static func splitScheme(_ text: String) -> (scheme: String, rest: String)? {
    let bytes = Array(text.utf8)
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      bytes[colon...].starts(with: "://".utf8)
    else { return nil }
    let scheme = bytes[..<colon].map { byte in
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard letters.contains(scheme[0]),
      scheme.allSatisfy({
        letters.contains($0) || digits.contains($0) || "+-.".utf8.contains($0)
      })
    else { return nil }
    let rest = bytes[(colon + 3)...]
    return (String(decoding: scheme, as: UTF8.self), String(decoding: rest, as: UTF8.self))
  }

  /// Whether the part before the first slash has an `@`.
  private static func hasUserInfo(_ rest: String) -> Bool {
    rest.utf8.prefix { $0 != UInt8(ascii: "/") }.contains(UInt8(ascii: "@"))
  }

  private static func filePath(_ rest: String) throws(AddressError) -> String {
    var path = rest
    if path.hasPrefix("localhost/") { path.removeFirst("localhost".count) }
    guard path.utf8.first == UInt8(ascii: "/") else {
      throw AddressError(.malformed, "a file address has three slashes, file:///path")
    }
    guard let decoded = percentDecoded(path), !decoded.utf8.contains(0) else {
      throw AddressError(.malformed, "a bad % escape in the address file://\(path)")
    }
    return tidy(decoded)
  }

  /// Replaces `%xx`; nil when an escape is cut off or the result is not UTF-8.
  private static func percentDecoded(_ text: String) -> String? {
    var decoded: [UInt8] = []
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      guard byte == UInt8(ascii: "%") else {
        decoded.append(byte)
        continue
      }
      guard let high = bytes.next().flatMap(hexDigit), let low = bytes.next().flatMap(hexDigit)
      else { return nil }
      decoded.append(high << 4 | low)
    }
    return String(validating: decoded, as: UTF8.self)
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
  }

  /// Leaves out empty and `.` parts and the final slash.
  private static func tidy(_ path: String) -> String {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"))
      .map { String(decoding: $0, as: UTF8.self) }
      .filter { $0 != "." }
    return "/" + parts.joined(separator: "/")
  }
}
