// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnapFormat
import Testing

@testable import snap

@Suite struct NumbersTests {
  @Test(
    arguments: [
      (0, "0 B"), (1, "1 B"), (999, "999 B"), (1000, "1.0 kB"), (1540, "1.5 kB"),
      (99_940, "99.9 kB"), (99_960, "100 kB"), (310_000_000, "310 MB"), (999_499, "999 kB"),
      (999_500, "1.0 MB"), (999_999_999, "1.0 GB"), (28_900_000_000, "28.9 GB"),
      (1_200_000_000_000, "1.2 TB"), (UInt64.max, "18.4 EB"),
    ] as [(UInt64, String)])
  func sizes(_ bytes: UInt64, _ text: String) { #expect(Sizes.text(bytes) == text) }

  @Test func shares() {
    #expect(Sizes.text(12_400_000_000, of: 28_900_000_000) == "12.4 of 28.9 GB")
    #expect(Sizes.text(0, of: 28_900_000_000) == "0.0 of 28.9 GB")
    #expect(Sizes.text(5, of: 3) == "3 of 3 B")
    #expect(Sizes.count(5120, "file") == "5\u{2009}120 files")
    #expect(Sizes.count(1, "file") == "1 file")
    #expect(Sizes.count(1_234_567) == "1\u{2009}234\u{2009}567")
    #expect(Sizes.count(123) == "123")
  }

  @Test(
    arguments: [
      ("500k", 500_000), ("4M", 4_000_000), ("2GiB", 2 << 30), ("1.5G", 1_500_000_000),
      ("1Ki", 1024), ("7", 7), ("7B", 7), ("1kB", 1000), ("0", 0), ("3 MiB", 3 << 20),
      ("2t", 2_000_000_000_000),
      ("", nil), ("k", nil), ("-1k", nil), ("1.5", nil), ("1..5k", nil), ("1x", nil), ("1 2k", nil),
      (".5k", nil), ("1.k", nil), ("99999999999999999999", nil), ("9999999P", nil), ("1KiBB", nil),
      ("١k", nil), ("1i", nil), ("0x10", nil), ("+5", nil),
    ] as [(String, UInt64?)])
  func parsedSizes(_ text: String, _ value: UInt64?) { #expect(Sizes.parse(text) == value) }

  @Test(
    arguments: [
      (0.0, "0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (60, "1 min"),
      (724.1, "12 min 4 s"), (3600, "1 h"), (11_100, "3 h 5 min"), (187_200, "2 d 4 h"),
      (-1, "0 s"), (Double.nan, "0 s"), (Double.infinity, "0 s"),
    ] as [(Double, String)])
  func durations(_ seconds: Double, _ text: String) { #expect(Durations.text(seconds) == text) }

  @Test(
    arguments: [
      (40.0, "40 s"), (361, "6 min"), (18_000, "5 h"), (90_000, "1 d"), (700 * 86_400, "700 d"),
      (800 * 86_400, "2 y"), (1e300, "1000000000000000 y"), (-5, "0 s"),
    ] as [(Double, String)])
  func rough(_ seconds: Double, _ text: String) { #expect(Durations.rough(seconds) == text) }

  @Test(
    arguments: [
      ("90s", 90), ("15m", 900), ("36h", 129_600), ("7d", 604_800), ("8w", 4_838_400),
      ("6mo", 15_552_000), ("2y", 63_072_000), ("0s", 0), ("", nil), ("7", nil), ("d", nil),
      ("-1d", nil), ("1.5h", nil), ("1 d", nil), ("1D", nil), ("9223372036854775807y", nil),
      ("99999999999999999999s", nil), ("1mom", nil), ("+1d", nil),
    ] as [(String, Int64?)])
  func parsedDurations(_ text: String, _ value: Int64?) {
    #expect(Durations.parse(text) == value)
  }

  @Test(
    arguments: [
      (0, 0, "1970-01-01T00:00:00.000000000Z"), (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
      (1_763_600_580, 5, "2025-11-20T01:03:00.000000005Z"),
      (951_782_400, 0, "2000-02-29T00:00:00.000000000Z"),
      (4_107_542_400, 0, "2100-03-01T00:00:00.000000000Z"),
      (-62_135_596_800, 0, "0001-01-01T00:00:00.000000000Z"),
      (253_402_300_799, 0, "9999-12-31T23:59:59.000000000Z"),
    ] as [(Int64, UInt32, String)])
  func machineTimes(_ seconds: Int64, _ nanoseconds: UInt32, _ text: String) {
    #expect(LocalTime.machine(FileTime(seconds: seconds, nanoseconds: nanoseconds)) == text)
  }

  @Test func localTimes() {
    let time = FileTime(seconds: 1_763_600_580)
    #expect(LocalTime.minute(time, offset: 3600) == "2025-11-20 02:03")
    #expect(LocalTime.full(time, offset: -12_600) == "2025-11-19 21:33:00 -03:30")
    #expect(LocalTime.log(time, offset: 3600) == "2025-11-20T02:03:00+01:00")
    #expect(LocalTime.age(time, now: FileTime(seconds: 1_763_618_600)) == "5 h")
    #expect(LocalTime.age(time, now: FileTime(seconds: 0)) == "0 s")
    for extreme in [Int64.min, Int64.max] {
      #expect(LocalTime.machine(FileTime(seconds: extreme)).hasSuffix("Z"))
      #expect(LocalTime.full(FileTime(seconds: extreme), offset: 3600).hasSuffix("+01:00"))
    }
  }

  @Test func agreesWithFoundation() {
    let formatter = ISO8601DateFormatter()
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    for step in 0..<2000 {
      let seconds = Int64(step) * 5_234_567 - 2_000_000_000
      let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
      let ours = LocalTime.machine(FileTime(seconds: seconds))
      #expect(ours.prefix(19) == expected.prefix(19))
    }
  }
}
