// SPDX-License-Identifier: Apache-2.0

/// Reads one pattern into tokens, in components between slashes.
struct PatternReader {
  /// What is wrong with a pattern, in English.
  struct Fault: Error { let reason: String }

  private let bytes: ArraySlice<UInt8>
  private var at: Int
  private(set) var components: [[Glob.Token]] = [[]]

  /// Reads `bytes`, which begin behind '!' and a leading '/'.
  static func components(_ bytes: ArraySlice<UInt8>) throws(Fault) -> [[Glob.Token]] {
    var reader = PatternReader(bytes: bytes, at: bytes.startIndex)
    while let byte = reader.take() { try reader.read(byte) }
    return reader.components
  }

  private init(bytes: ArraySlice<UInt8>, at: Int) {
    self.bytes = bytes
    self.at = at
  }

  private mutating func take() -> UInt8? {
    guard at < bytes.endIndex else { return nil }
    defer { at += 1 }
    return bytes[at]
  }

  private func peek(_ ahead: Int = 0) -> UInt8? {
    at + ahead < bytes.endIndex ? bytes[at + ahead] : nil
  }

  private mutating func read(_ byte: UInt8) throws(Fault) {
    switch byte {
    case UInt8(ascii: "*"): add(.star)
    case UInt8(ascii: "?"): add(.any)
    case UInt8(ascii: "["): add(.set(try readSet()))
    case UInt8(ascii: "\\"): addLiteral(try takeEscaped())
    default: addLiteral(byte)
    }
  }

  private mutating func add(_ token: Glob.Token) { components[components.count - 1].append(token) }

  private mutating func addLiteral(_ byte: UInt8) {
    if byte == UInt8(ascii: "/") { components.append([]) } else { add(.byte(byte)) }
  }

  private mutating func takeEscaped() throws(Fault) -> UInt8 {
    guard let byte = take() else { throw Fault(reason: "nothing follows the last \\") }
    return byte
  }

  /// Reads behind '[' up to and with ']'.
  private mutating func readSet() throws(Fault) -> ByteSet {
    var set = ByteSet()
    let isInverted = peek() == UInt8(ascii: "!") || peek() == UInt8(ascii: "^")
    if isInverted { at += 1 }
    var previous: UInt8?
    var isFirst = true
    while true {
      guard let byte = take() else { throw Fault(reason: "a [ without its ]") }
      switch byte {
      case UInt8(ascii: "]") where !isFirst:
        if isInverted { set.invert() }
        return set
      case UInt8(ascii: "-") where previous != nil && peek() != nil && peek() != UInt8(ascii: "]"):
        let low = previous ?? 0
        var high = take() ?? 0
        if high == UInt8(ascii: "\\") { high = try takeEscaped() }
        if low <= high { set.formUnion(ByteSet(low...high)) }
        previous = nil
      case UInt8(ascii: "[") where peek() == UInt8(ascii: ":"):
        if let named = try readNamedSet() {
          set.formUnion(named)
          previous = nil
        } else {
          set.insert(byte)
          previous = byte
        }
      case UInt8(ascii: "\\"):
        let literal = try takeEscaped()
        set.insert(literal)
        previous = literal
      default:
        set.insert(byte)
        previous = byte
      }
      isFirst = false
    }
  }

  /// Reads `:name:]` behind '['; nil, with nothing taken, if it is not one.
  private mutating func readNamedSet() throws(Fault) -> ByteSet? {
    let start = at + 1
    guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "]")) else {
      throw Fault(reason: "a [ without its ]")
    }
    guard end - 1 >= start, bytes[end - 1] == UInt8(ascii: ":") else { return nil }
    let name = bytes[start..<(end - 1)]
    guard let set = ByteSet.named(name) else {
      throw Fault(reason: "[:\(String(decoding: name, as: UTF8.self)):] does not exist")
    }
    at = end + 1
    return set
  }
}
