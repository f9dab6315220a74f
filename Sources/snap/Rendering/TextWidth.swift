// SPDX-License-Identifier: Apache-2.0

/// How many columns text takes on a terminal.
enum TextWidth {
  /// The columns of a text without control characters.
  static func columns(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns($1) }
  }

  /// Shortens text to at most `width` columns, with `…` at its end.
  static func clip(_ text: String, to width: Int) -> String {
    if columns(text) <= width { return text }
    return head(text, width - 1) + (width > 0 ? "…" : "")
  }

  /// Shortens text to at most `width` columns, with `…` in its middle: the end of a path tells
  /// most.
  static func clipMiddle(_ text: String, to width: Int) -> String {
    if columns(text) <= width { return text }
    if width < 5 { return clip(text, to: width) }
    let front = (width - 1) / 3
    var tail: [Unicode.Scalar] = []
    var used = 0
    for scalar in text.unicodeScalars.reversed() {
      let wide = columns(scalar)
      if used + wide > width - 1 - front { break }
      used += wide
      tail.append(scalar)
    }
    var out = head(text, front) + "…"
    for scalar in tail.reversed() { out.unicodeScalars.append(scalar) }
    return out
  }

  /// Fills up with blanks at the end.
  static func padRight(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(text)))
  }

  /// Fills up with blanks at the beginning.
  static func padLeft(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - columns(text))) + text
  }

  private static func head(_ text: String, _ width: Int) -> String {
    var out = ""
    var used = 0
    for scalar in text.unicodeScalars {
      used += columns(scalar)
      if used > width { break }
      out.unicodeScalars.append(scalar)
    }
    return out
  }

  private static func columns(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
