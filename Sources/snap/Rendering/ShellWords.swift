// SPDX-License-Identifier: Apache-2.0

/// Words as a shell splits and quotes them; nothing is ever expanded.
enum ShellWords {
  /// Splits at blanks; quotes and backslashes as in `sh`. Nil if a quote is not closed.
  static func split(_ text: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var escaped = false
    for character in text {
      if escaped {
        // Between double quotes a backslash is one unless it guards something special.
        if quote == "\"", !"\"\\$`".contains(character) { word = (word ?? "") + "\\" }
        word = (word ?? "") + String(character)
        escaped = false
        continue
      }
      switch (quote, character) {
      case (nil, "\\"), ("\"", "\\"): escaped = true
      case (nil, "'"), (nil, "\""):
        quote = character
        word = word ?? ""
      case (let open?, character) where open == character: quote = nil
      case (nil, " "), (nil, "\t"), (nil, "\n"), (nil, "\r\n"):
        if let done = word { words.append(done) }
        word = nil
      default: word = (word ?? "") + String(character)
      }
    }
    guard quote == nil, !escaped else { return nil }
    if let last = word { words.append(last) }
    return words
  }

  /// One word, quoted only if a shell would not take it as it is. Control characters are written
  /// as `$'\x1b'`, so that the word can be shown on a terminal and pasted.
  static func quote(_ word: String) -> String { quote(Array(word.utf8)) }

  /// The same for the raw bytes of a name.
  static func quote(_ bytes: [UInt8]) -> String {
    let shown = EscapedText.printable(bytes)
    if shown.utf8.elementsEqual(bytes) {
      let plain = "@%+=:,./_-~"
      let isPlain = shown.allSatisfy { $0.isLetter || $0.isNumber || plain.contains($0) }
      if isPlain, !shown.isEmpty, shown.first != "~" || shown.hasPrefix("~/") { return shown }
      return "'"
        + shown.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
    }
    var out = "$'"
    for byte in bytes {
      switch byte {
      case 0x27, 0x5C: out += "\\" + String(UnicodeScalar(byte))
      case 0x20...0x7E: out += String(UnicodeScalar(byte))
      default: out += EscapedText.hex(byte)
      }
    }
    return out + "'"
  }
}
