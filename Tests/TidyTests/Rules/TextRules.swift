// SPDX-License-Identifier: Apache-2.0

/// What the text of a file must and must not say.
enum Texts {
  static let haveLicence = Rule(.licensed) { file in
    let head = file.lines.prefix(2).contains { $0.hasSuffix("SPDX-License-Identifier: Apache-2.0") }
    return head ? [] : [file.finding(1, "no line “SPDX-License-Identifier: Apache-2.0” at the top")]
  }

  /// No path of the computer on which somebody works.
  static let nameNoWorkplace = Rule(.everything) { file in
    file.lines.enumerated().compactMap { number, line in
      places.contains { names(line, $0) }
        ? file.finding(number + 1, "names a path of somebody's computer") : nil
    }
  }

  /// In two pieces, so that this file does not name them itself.
  private static let places = ["/wo" + "rk/main", "/wo" + "rk/shared", "/ro" + "ot", "/tm" + "p/h"]

  /// Whether a line has the path as such: not `a/work`, not `/workshop`.
  private static func names(_ line: Substring, _ place: String) -> Bool {
    guard line.contains("/") else { return false }
    let bytes = Array(line.utf8)
    let wanted = Array(place.utf8)
    return (0..<max(0, bytes.count - wanted.count + 1)).contains { start in
      let end = start + wanted.count
      guard bytes[start..<end].elementsEqual(wanted) else { return false }
      return (start == 0 || !isPartOfPath(bytes[start - 1]))
        && (end < bytes.count && bytes[end] == UInt8(ascii: "/"))
    }
  }

  private static func isPartOfPath(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"), UInt8(ascii: "-"), UInt8(ascii: "}"), UInt8(ascii: ")"),
      UInt8(ascii: ">"), 128...:
      true
    default: false
    }
  }

  /// Only rendering knows of JSON.
  static let commandsDoNotAskForJSON = Rule(.commands) { file in
    file.tokens.indices.compactMap { index in
      let token = file.tokens[index]
      guard token.kind == .word, token.text.lowercased().hasSuffix("json") else { return nil }
      let before = file.tokens[..<index].reversed().prefix { $0.line == token.line }
      let decides = before.contains { ["if", "guard", "switch", "while"].contains($0.text) }
      let next = file.token(index + 1)
      let isTernary = next?.text == "?" && next?.isGlued == false
      return decides || isTernary
        ? file.finding(token.line, "a command asks for JSON: leave it to the rendering") : nil
    }
  }
}
