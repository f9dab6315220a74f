// SPDX-License-Identifier: Apache-2.0

/// A set of bytes: what `[a-z]` stands for.
struct ByteSet: Hashable, Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  init() {}

  init(_ bytes: ClosedRange<UInt8>) { for byte in bytes { insert(byte) } }

  func contains(_ byte: UInt8) -> Bool {
    let word =
      switch byte >> 6 {
      case 0: words.0
      case 1: words.1
      case 2: words.2
      default: words.3
      }
    return word >> UInt64(byte & 63) & 1 == 1
  }

  mutating func insert(_ byte: UInt8) {
    let bit = UInt64(1) << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: words.0 |= bit
    case 1: words.1 |= bit
    case 2: words.2 |= bit
    default: words.3 |= bit
    }
  }

  mutating func formUnion(_ other: ByteSet) {
    words.0 |= other.words.0
    words.1 |= other.words.1
    words.2 |= other.words.2
    words.3 |= other.words.3
  }

  mutating func invert() {
    words = (~words.0, ~words.1, ~words.2, ~words.3)
  }

  static func == (a: ByteSet, b: ByteSet) -> Bool { a.words == b.words }

  func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }

  /// The ASCII characters of `[:name:]`; nil for a name that does not exist.
  static func named(_ name: some Collection<UInt8>) -> ByteSet? {
    let test: (UInt8) -> Bool
    switch String(decoding: name, as: UTF8.self) {
    case "alnum": test = { isDigit($0) || isUpper($0) || isLower($0) }
    case "alpha": test = { isUpper($0) || isLower($0) }
    case "blank": test = { $0 == 0x20 || $0 == 0x09 }
    case "cntrl": test = { $0 < 0x20 || $0 == 0x7F }
    case "digit": test = isDigit
    case "graph": test = { $0 > 0x20 && $0 < 0x7F }
    case "lower": test = isLower
    case "print": test = { $0 >= 0x20 && $0 < 0x7F }
    case "punct":
      test = { $0 > 0x20 && $0 < 0x7F && !isDigit($0) && !isUpper($0) && !isLower($0) }
    case "space": test = { $0 == 0x20 || (0x09...0x0D).contains($0) }
    case "upper": test = isUpper
    case "xdigit":
      test = { isDigit($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0) }
    default: return nil
    }
    var set = ByteSet()
    for byte in UInt8(0)...0x7F where test(byte) { set.insert(byte) }
    return set
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
}
