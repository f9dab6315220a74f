// SPDX-License-Identifier: Apache-2.0

/// How a failure looks: at most eight lines of text, or one JSON object.
extension Failure {
  /// Longest first line, in columns.
  static let titleWidth = 72
  /// Most lines.
  static let lineLimit = 8

  /// The lines of the message; foreign text in them is escaped.
  func lines() -> [String] {
    let title = TextWidth.clip("snap: " + EscapedText.printable(title), to: Failure.titleWidth)
    // One line is the title, one the last; a command to type and what is safe come before facts.
    var room = Failure.lineLimit - 2
    let safeLines = safe.map { [Failure.line("safe", $0)] } ?? []
    room -= safeLines.count + min(2, tries.count)
    let facts = facts.prefix(room).map { Failure.line($0.label, $0.text) }
    room -= facts.count
    let tries = tries.prefix(min(2, tries.count) + room)
    return [title] + facts + safeLines + Failure.lines(tries) + ["  (\(ending))"]
  }

  /// The last object of a JSON stream.
  func json() -> JSONLine {
    var line = JSONLine(type: "error")
    line.add("slug", slug)
    line.add("exit", exit)
    line.add("message", title)
    if !facts.isEmpty {
      var object = JSONLine()
      for fact in facts where object[fact.label] == nil { object.add(fact.label, fact.text) }
      line.add("facts", object)
    }
    line.add("safe", safe)
    line.add("try", tries.map(\.command))
    line.add("log", details)
    return line
  }

  private var ending: String {
    let place = details.map { ", details: " + EscapedText.printable($0) } ?? ""
    return "\(slug), exit \(exit)\(place)"
  }

  private static func line(_ label: String, _ text: String) -> String {
    let name = TextWidth.padRight(EscapedText.printable(label), to: 8)
    return "  \(name)  \(EscapedText.printable(text))"
  }

  private static func lines(_ tries: ArraySlice<Try>) -> [String] {
    let width = tries.map { TextWidth.columns($0.command) }.max() ?? 0
    return tries.enumerated().map { index, item in
      var text = EscapedText.printable(item.command)
      if let comment = item.comment {
        text = TextWidth.padRight(text, to: min(width, 48)) + "   " + comment
      }
      return line(index == 0 ? "try" : "", text)
    }
  }
}
