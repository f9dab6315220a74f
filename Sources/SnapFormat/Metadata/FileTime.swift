// SPDX-License-Identifier: Apache-2.0

/// A point in time as file systems keep it.
public struct FileTime: Hashable, Comparable, Sendable {
  /// Seconds since 1970-01-01 00:00 UTC, rounded down (may be negative).
  public var seconds: Int64
  /// 0 … 999,999,999.
  public var nanoseconds: UInt32

  /// Takes both parts.
  public init(seconds: Int64, nanoseconds: UInt32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Earlier first.
  public static func < (a: FileTime, b: FileTime) -> Bool {
    a.seconds != b.seconds ? a.seconds < b.seconds : a.nanoseconds < b.nanoseconds
  }
}
