// SPDX-License-Identifier: Apache-2.0

/// Cuts Swift or C into tokens and comments.
///
/// It knows comments, text in quotes of every form, and the code inside `\(…)`. It does not know
/// regular expression literals, which this project does not use.
struct Tokenizer {
  private let bytes: [UInt8]
  private let isC: Bool
  private var position = 0
  private var line = 1
  private var end = -1
  private(set) var tokens: [Token] = []
  /// What is said in comments, by line.
  private(set) var comments: [Int: String] = [:]

  init(_ text: String, isC: Bool = false) {
    bytes = Array(text.utf8)
    self.isC = isC
    readCode(untilClosed: false)
  }

  private func byte(_ distance: Int = 0) -> UInt8 {
    position + distance < bytes.count ? bytes[position + distance] : 0
  }

  private func starts(_ text: StaticString) -> Bool {
    for (offset, character) in "\(text)".utf8.enumerated() where byte(offset) != character {
      return false
    }
    return true
  }

  /// Reads code up to the end, or up to the parenthesis that closes `\(`.
  private mutating func readCode(untilClosed: Bool) {
    var depth = 0
    while position < bytes.count {
      let next = byte()
      if next == UInt8(ascii: "/"), byte(1) == next || byte(1) == UInt8(ascii: "*") {
        readComment()
      } else if Self.isWord(next) {
        readWord()
      } else if next == UInt8(ascii: "\"") || (next == UInt8(ascii: "#") && opensRawString()) {
        readString()
      } else if isC, next == UInt8(ascii: "'") {
        readCharacter()
      } else if next <= 32 {
        if next == 10 { line += 1 }
        position += 1
      } else {
        if next == UInt8(ascii: "(") { depth += 1 }
        if next == UInt8(ascii: ")") { depth -= 1 }
        if untilClosed, depth < 0 { return }
        add(.symbol, from: position, to: position + 1)
      }
    }
  }

  private mutating func add(_ kind: Token.Kind, from start: Int, to next: Int) {
    let text = kind == .string ? "\"" : String(decoding: bytes[start..<next], as: UTF8.self)
    tokens.append(Token(kind: kind, text: text, line: line, isGlued: start == end))
    position = next
    end = next
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"), 128...:
      true
    default: false
    }
  }

  private mutating func readWord() {
    var next = position
    while next < bytes.count, Self.isWord(bytes[next]) { next += 1 }
    add(.word, from: position, to: next)
  }

  private mutating func readComment() {
    let isBlock = byte(1) == UInt8(ascii: "*")
    let start = position
    var depth = 0
    var lineStart = start
    while position < bytes.count {
      if isBlock, starts("/*") {
        depth += isC && depth > 0 ? 0 : 1
        position += 2
      } else if isBlock, starts("*/") {
        depth -= 1
        position += 2
        if depth == 0 { break }
      } else if byte() == 10 {
        if !isBlock { break }
        comments[line, default: ""] += String(decoding: bytes[lineStart..<position], as: UTF8.self)
        position += 1
        line += 1
        lineStart = position
      } else {
        position += 1
      }
    }
    comments[line, default: ""] += String(decoding: bytes[lineStart..<position], as: UTF8.self)
  }

  private func opensRawString() -> Bool {
    var distance = 0
    while byte(distance) == UInt8(ascii: "#") { distance += 1 }
    return !isC && byte(distance) == UInt8(ascii: "\"")
  }

  private mutating func readCharacter() {
    position += 1
    while position < bytes.count, byte() != UInt8(ascii: "'"), byte() != 10 {
      position += byte() == UInt8(ascii: "\\") ? 2 : 1
    }
    position += 1
  }

  private mutating func readString() {
    let start = position
    var hashes = 0
    while byte(hashes) == UInt8(ascii: "#") { hashes += 1 }
    position += hashes
    let isLong = !isC && starts("\"\"\"")
    let firstLine = line
    let index = tokens.count
    position += isLong ? 3 : 1
    while position < bytes.count, !closesString(isLong: isLong, hashes: hashes) {
      if byte() == UInt8(ascii: "\\"), hasHashes(hashes, at: 1) {
        readEscape(hashes)
      } else {
        if byte() == 10 {
          if !isLong { break }
          line += 1
        }
        position += 1
      }
    }
    if byte() == UInt8(ascii: "\"") { position += (isLong ? 3 : 1) + hashes }
    tokens.insert(
      Token(kind: .string, text: "\"", line: firstLine, isGlued: start == end), at: index)
    end = position
  }

  private mutating func readEscape(_ hashes: Int) {
    guard !isC, byte(1 + hashes) == UInt8(ascii: "(") else {
      // The line of a line break that is escaped counts too.
      if byte(1 + hashes) == 10 { line += 1 }
      position += 2 + hashes
      return
    }
    position += 2 + hashes
    end = -1
    readCode(untilClosed: true)
    position += 1
  }

  private func hasHashes(_ count: Int, at distance: Int) -> Bool {
    (0..<count).allSatisfy { byte(distance + $0) == UInt8(ascii: "#") }
  }

  private func closesString(isLong: Bool, hashes: Int) -> Bool {
    isLong
      ? starts("\"\"\"") && hasHashes(hashes, at: 3)
      : byte() == UInt8(ascii: "\"") && hasHashes(hashes, at: 1)
  }
}
