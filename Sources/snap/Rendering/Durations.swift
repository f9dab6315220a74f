// SPDX-License-Identifier: Apache-2.0

/// Lengths of time, as people read and write them.
enum Durations {
  private static let units: [(suffix: String, seconds: Int64)] = [
    ("mo", 30 * 86_400), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 7 * 86_400),
    ("y", 365 * 86_400),
  ]

  /// How long something took: `0.4 s`, `9 s`, `12 min 4 s`, `3 h 5 min`, `2 d 4 h`.
  static func text(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "0 s" }
    if seconds < 9.95 { return tenths(seconds) + " s" }
    let whole = Int64(min(seconds.rounded(), 1e15))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return join(whole / 60, "min", whole % 60, "s") }
    if whole < 86_400 { return join(whole / 3600, "h", whole % 3600 / 60, "min") }
    return join(whole / 86_400, "d", whole % 86_400 / 3600, "h")
  }

  /// About how long, in one unit: `40 s`, `6 min`, `5 h`, `3 d`, `2 y`.
  static func rough(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "0 s" }
    switch seconds {
    case ..<60: return "\(Int64(seconds)) s"
    case ..<3600: return "\(Int64(seconds / 60)) min"
    case ..<86_400: return "\(Int64(seconds / 3600)) h"
    case ..<(730 * 86_400): return "\(Int64(seconds / 86_400)) d"
    default: return "\(Int64(min(seconds / (365.25 * 86_400), 1e15))) y"
    }
  }

  /// Reads `90s`, `15m`, `36h`, `7d`, `8w`, `6mo` (30 days each), `2y` (365 days each); seconds.
  /// Nil for anything else.
  static func parse(_ text: String) -> Int64? {
    for unit in units where text.hasSuffix(unit.suffix) {
      let number = text.dropLast(unit.suffix.count)
      guard !number.isEmpty, number.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let value = Int64(number)
      else { return nil }
      let (seconds, overflow) = value.multipliedReportingOverflow(by: unit.seconds)
      return overflow ? nil : seconds
    }
    return nil
  }

  private static func tenths(_ seconds: Double) -> String {
    let value = Int((seconds * 10).rounded())
    return value % 10 == 0 ? "\(value / 10)" : "\(value / 10).\(value % 10)"
  }

  private static func join(_ a: Int64, _ big: String, _ b: Int64, _ small: String) -> String {
    b == 0 ? "\(a) \(big)" : "\(a) \(big) \(b) \(small)"
  }
}
