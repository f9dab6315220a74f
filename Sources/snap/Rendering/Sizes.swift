// SPDX-License-Identifier: Apache-2.0

/// Amounts of bytes and counts, as people read and write them.
enum Sizes {
  private static let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]

  /// Decimal, with a unit: `12 B`, `1.5 kB`, `28.9 GB`, `310 MB`.
  static func text(_ bytes: UInt64) -> String {
    let (number, unit) = parts(bytes)
    return number + " " + unit
  }

  /// A share of a whole in the whole's unit: `12.4 of 28.9 GB`.
  static func text(_ done: UInt64, of total: UInt64) -> String {
    let (number, unit) = parts(total)
    return shown(min(done, total), index: units.firstIndex(of: unit) ?? 0) + " of \(number) \(unit)"
  }

  /// A count with a thin space between thousands: `5 120`.
  static func count(_ number: UInt64) -> String {
    let digits = Array(String(number))
    var out = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out += "\u{2009}" }
      out.append(digit)
    }
    return out
  }

  /// A count with its noun: `1 file`, `5 120 files`.
  static func count(_ number: UInt64, _ noun: String) -> String {
    count(number) + " " + noun + (number == 1 ? "" : "s")
  }

  /// Reads `500k`, `4M`, `1.5GB`, `2GiB`: k, M, G, T, P are decimal, Ki, Mi, Gi, Ti, Pi binary.
  /// Nil for anything else and for what does not fit into 63 bits.
  static func parse(_ text: String) -> UInt64? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let factor = factor(of: text.dropFirst(number.count)) else { return nil }
    let pieces = number.split(separator: ".", omittingEmptySubsequences: false)
    guard pieces.count <= 2, let whole = pieces.first.flatMap({ UInt64($0) }) else { return nil }
    let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
    guard !overflow else { return nil }
    var part: UInt64 = 0
    if pieces.count == 2 {
      guard factor > 1, !pieces[1].isEmpty, let fraction = Double("0." + pieces[1]) else {
        return nil
      }
      part = UInt64(fraction * Double(factor))
    }
    let (sum, beyond) = product.addingReportingOverflow(part)
    return beyond || sum > UInt64(Int64.max) ? nil : sum
  }

  private static func factor(of suffix: Substring) -> UInt64? {
    var unit = suffix.drop { $0 == " " }.lowercased()
    if unit.isEmpty || unit == "b" { return 1 }
    if unit.hasSuffix("b") { unit.removeLast() }
    let binary = unit.hasSuffix("i")
    if binary { unit.removeLast() }
    guard let power = ["k", "m", "g", "t", "p"].firstIndex(of: unit) else { return nil }
    return (0...power).reduce(1) { value, _ in value * (binary ? 1024 : 1000) }
  }

  private static func parts(_ bytes: UInt64) -> (String, String) {
    var index = 0
    var limit = 1000.0
    while index + 1 < units.count, Double(bytes) >= limit {
      index += 1
      limit *= 1000
    }
    let number = shown(bytes, index: index)
    // 999,950 bytes would be "1000 kB".
    if number == "1000", index > 0, index + 1 < units.count { return ("1.0", units[index + 1]) }
    return (number, units[index])
  }

  private static func shown(_ bytes: UInt64, index: Int) -> String {
    if index == 0 { return String(bytes) }
    let divisor = (0..<index).reduce(1.0) { value, _ in value * 1000 }
    let value = Double(bytes) / divisor
    let tenths = (value * 10).rounded()
    if tenths >= 1000 { return String(Int(value.rounded())) }
    return "\(Int(tenths) / 10).\(Int(tenths) % 10)"
  }
}
