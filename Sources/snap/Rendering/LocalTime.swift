// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// Points in time as text.
enum LocalTime {
  /// For machines: `2026-11-20T01:03:00.000000000Z`.
  static func machine(_ time: FileTime) -> String {
    let fraction = pad(Int64(time.nanoseconds), 9)
    let parts = Parts(time.seconds, 0)
    return "\(parts.date)T\(parts.clock).\(fraction)Z"
  }

  /// For a table: `2026-11-20 02:03`. `offset` is the zone's seconds east of UTC.
  static func minute(_ time: FileTime, offset: Int) -> String {
    let parts = Parts(time.seconds, offset)
    return "\(parts.date) \(parts.clock.prefix(5))"
  }

  /// For a listing: `2026-11-20 02:03:00 +01:00`.
  static func full(_ time: FileTime, offset: Int) -> String {
    let parts = Parts(time.seconds, offset)
    return "\(parts.date) \(parts.clock) \(zone(offset))"
  }

  /// For a log: `2026-11-20T02:03:00+01:00`.
  static func log(_ time: FileTime, offset: Int) -> String {
    let parts = Parts(time.seconds, offset)
    return "\(parts.date)T\(parts.clock)\(zone(offset))"
  }

  /// How old: `5 h`; a time to come is `0 s`.
  static func age(_ time: FileTime, now: FileTime) -> String {
    Durations.rough(max(0, Double(now.seconds) - Double(time.seconds)))
  }

  private static func zone(_ offset: Int) -> String {
    let minutes = abs(offset) / 60
    let sign = offset < 0 ? "-" : "+"
    return sign + pad(Int64(minutes / 60), 2) + ":" + pad(Int64(minutes % 60), 2)
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Date and time of day of a moment in the proleptic Gregorian calendar.
  private struct Parts {
    let date: String
    let clock: String

    init(_ seconds: Int64, _ offset: Int) {
      let (sum, overflow) = seconds.addingReportingOverflow(Int64(offset))
      let local = overflow ? seconds : sum
      var day = local / 86_400
      var second = local % 86_400
      if second < 0 {
        second += 86_400
        day -= 1
      }
      // Days are counted from 0000-03-01, so that the leap day ends a year.
      let shifted = day + 719_468
      let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
      let ofEra = shifted - era * 146_097
      let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
      let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
      let shiftedMonth = (5 * ofYear + 2) / 153
      let dayOfMonth = ofYear - (153 * shiftedMonth + 2) / 5 + 1
      let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
      let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
      let sign = year < 0 ? "-" : ""
      date = sign + pad(abs(year), 4) + "-" + pad(month, 2) + "-" + pad(dayOfMonth, 2)
      clock = pad(second / 3600, 2) + ":" + pad(second % 3600 / 60, 2) + ":" + pad(second % 60, 2)
    }
  }
}
