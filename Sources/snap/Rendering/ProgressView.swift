// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// How progress looks as text.
struct ProgressView: Sendable {
  /// The repository's name or the command's.
  var label: String
  /// `reading` or `writing`: what the first speed is of.
  var verb: String
  /// Whether block characters may be used.
  var isUTF8: Bool

  private static let barWidth = 30

  /// The two lines of a terminal, each narrower than `width` columns.
  func bar(_ state: ProgressState, _ rate: ProgressRate, width: Int) -> [String] {
    var parts = [TextWidth.clip(EscapedText.printable(label), to: 16)]
    if let share = state.share {
      // The bar gives way first when the terminal is narrow.
      let room = width - TextWidth.columns(numbers(state, rate).joined(separator: "   ")) - 28
      if room >= 4 { parts.append(blocks(share, min(ProgressView.barWidth, room))) }
      parts.append(ProgressView.percent(share))
    }
    let first =
      " " + (parts.joined(separator: "  ") + "   ")
      + numbers(state, rate).joined(separator: "   ")
    var second = " \(verb) \(speed(rate.reading))"
    if rate.sending > 0 { second += "   sending \(speed(rate.sending))" }
    let room = width - 1 - TextWidth.columns(second) - 3
    if room >= 8, !state.currentPath.isEmpty {
      second +=
        "   "
        + TextWidth.clipMiddle(EscapedText.printable(state.currentPath), to: room)
    }
    return [first, second].map { TextWidth.clip($0, to: width - 1) }
  }

  /// The line of a log: `2026-11-20T02:03:00+01:00 photos 43% 12.4 of 28.9 GB, 6 min left`.
  func plain(
    _ state: ProgressState, _ rate: ProgressRate, time: FileTime, offset: Int
  ) -> String {
    var line = LocalTime.log(time, offset: offset) + " " + EscapedText.printable(label)
    if let share = state.share { line += " " + ProgressView.percent(share) }
    line += " " + amount(state)
    if let left = rate.secondsLeft(state) { line += ", " + Durations.rough(left) + " left" }
    return line
  }

  private func numbers(_ state: ProgressState, _ rate: ProgressRate) -> [String] {
    var parts = [amount(state)]
    if let total = state.filesTotal {
      parts.append(Sizes.count(state.filesDone) + " of " + Sizes.count(total, "file"))
    } else {
      parts.append(Sizes.count(state.filesDone, "file"))
    }
    if let left = rate.secondsLeft(state) { parts.append(Durations.rough(left) + " left") }
    return parts
  }

  private func amount(_ state: ProgressState) -> String {
    state.bytesTotal.map { Sizes.text(state.bytesDone, of: $0) } ?? Sizes.text(state.bytesDone)
  }

  private func speed(_ bytes: Double) -> String {
    Sizes.text(UInt64(max(0, min(bytes, 1e18)))) + "/s"
  }

  private static func percent(_ share: Double) -> String {
    TextWidth.padLeft("\(Int((share * 100).rounded(.down)))%", to: 4)
  }

  private func blocks(_ share: Double, _ width: Int) -> String {
    guard isUTF8 else {
      let full = Int(share * Double(width))
      return TextWidth.padRight(String(repeating: "#", count: full), to: width)
    }
    let eighths = Int(share * Double(width * 8))
    var out = String(repeating: "█", count: eighths / 8)
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    out += parts[eighths % 8]
    return TextWidth.padRight(out, to: width)
  }
}
