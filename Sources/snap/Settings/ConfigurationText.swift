// SPDX-License-Identifier: Apache-2.0

/// The lines of a configuration file: where a key stands, and where a new one can be put.
///
/// The parser keeps no positions, so this looks for them by itself; it is used for messages and to
/// find a place for an insertion, whose result is parsed again before it is written.
struct ConfigurationText {
  private let lines: [Substring.UTF8View.SubSequence]
  private let text: String
  /// Some editors of Windows put a byte order mark first; it must stay there.
  private let hasMark: Bool

  /// Takes the text.
  init(_ text: String) {
    self.text = text
    hasMark = text.utf8.starts(with: [0xEF, 0xBB, 0xBF])
    lines = text.utf8.dropFirst(hasMark ? 3 : 0)
      .split(separator: 10, omittingEmptySubsequences: false)
  }

  /// The line, from 1, of a key or of the first header that leads to it.
  func line(of wanted: [String]) -> Int? {
    var table: [String] = []
    for (number, line) in lines.enumerated() {
      var scanner = KeyScanner(line)
      guard let statement = scanner.statement() else { continue }
      switch statement {
      case .header(let path):
        table = path
        if path.starts(with: wanted) { return number + 1 }
      case .key(let path):
        if (table + path).starts(with: wanted) { return number + 1 }
      }
    }
    // An inline table: the line of the nearest key above.
    return wanted.count > 1 ? line(of: Array(wanted.dropLast())) : nil
  }

  /// The text with a line put in among the keys at the top: after `version`, else first of all.
  func insertingAtTop(_ line: String) -> String {
    let start = hasMark ? 3 : 0
    var offset = start
    for candidate in lines {
      var scanner = KeyScanner(candidate)
      let statement = scanner.statement()
      if case .header = statement { break }
      offset += candidate.count + 1
      if case .key(["version"]) = statement {
        guard offset <= text.utf8.count else { return text + newline + line + newline }
        return inserting(line, at: offset)
      }
    }
    return inserting(line, at: start)
  }

  /// The text with lines added at its end, after an empty line.
  func appending(_ added: [String]) -> String {
    var out = text
    if !out.isEmpty {
      if out.utf8.last != 10 { out += newline }
      out += newline
    }
    for line in added { out += line + newline }
    return out
  }

  private var newline: String { text.utf8.contains(13) ? "\r\n" : "\n" }

  private func inserting(_ line: String, at offset: Int) -> String {
    let bytes = Array(text.utf8)
    let all = bytes[..<offset] + Array((line + newline).utf8) + bytes[offset...]
    return String(decoding: all, as: UTF8.self)
  }
}

/// Reads the key or the table header at the beginning of one line.
private struct KeyScanner {
  enum Statement {
    case header([String])
    case key([String])
  }

  private var rest: Substring.UTF8View.SubSequence

  init(_ line: Substring.UTF8View.SubSequence) { rest = line }

  mutating func statement() -> Statement? {
    skipBlanks()
    guard let first = rest.first else { return nil }
    if first != 0x5B { return path().flatMap { take(0x3D) ? .key($0) : nil } }
    _ = take(0x5B)
    _ = take(0x5B)
    return path().flatMap { take(0x5D) ? .header($0) : nil }
  }

  private mutating func path() -> [String]? {
    var parts: [String] = []
    repeat {
      guard let part = part() else { return nil }
      parts.append(part)
    } while take(0x2E)
    return parts
  }

  private mutating func part() -> String? {
    skipBlanks()
    guard let quote = rest.first else { return nil }
    if quote == 0x22 || quote == 0x27 {
      rest = rest.dropFirst()
      let inside = rest.prefix { $0 != quote }
      rest = rest.dropFirst(inside.count)
      return take(quote) ? String(Substring(inside)) : nil
    }
    let bare = rest.prefix {
      (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
    }
    rest = rest.dropFirst(bare.count)
    return bare.isEmpty ? nil : String(Substring(bare))
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard rest.first == byte else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func skipBlanks() {
    rest = rest.drop { $0 == 32 || $0 == 9 || $0 == 13 }
  }
}
