// SPDX-License-Identifier: Apache-2.0

/// The names of stored remotes: a small letter or digit, then also `.`, `_` and `-`.
enum RemoteName {
  /// Longest name.
  static let limit = 64

  /// Whether a text may be a name.
  static func isValid(_ name: String) -> Bool {
    guard let first = name.utf8.first, isPlain(first), name.utf8.count <= limit else {
      return false
    }
    return name.utf8.allSatisfy { isPlain($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
  }

  /// A name for an address: its last folder or bucket, made to fit, and not one of `taken`.
  static func suggested(for address: String, taken: Set<String>) -> String {
    let last = address.split(separator: "/").last.map { $0.lowercased() } ?? ""
    var name = ""
    for scalar in last.unicodeScalars {
      let fits = scalar.isASCII && isValid("a" + String(scalar))
      name += fits ? String(scalar) : "-"
    }
    name = String(name.drop { !isValid(String($0)) }.prefix(limit - 8))
    while name.hasSuffix("-") { name.removeLast() }
    if name.isEmpty { name = "backup" }
    if !taken.contains(name) { return name }
    var number = 2
    while taken.contains("\(name)-\(number)") { number += 1 }
    return "\(name)-\(number)"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
  }
}
