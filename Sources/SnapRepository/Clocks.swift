// SPDX-License-Identifier: Apache-2.0

import Glibc
public import SnapFormat

/// The clocks of a run, passed in so that tests can set them.
public struct Clocks: Sendable {
  /// Wall clock, for people; nothing is decided by it.
  public var wall: @Sendable () -> FileTime
  /// Seconds since boot, sleep included: decides fences and checkpoints.
  public var boot: @Sendable () -> Double

  /// Takes both.
  public init(wall: @escaping @Sendable () -> FileTime, boot: @escaping @Sendable () -> Double) {
    self.wall = wall
    self.boot = boot
  }

  /// The clocks of this computer.
  public static let system = Clocks(
    wall: { read(CLOCK_REALTIME) },
    boot: {
      let now = read(CLOCK_BOOTTIME)
      return Double(now.seconds) + Double(now.nanoseconds) / 1e9
    })

  private static func read(_ id: clockid_t) -> FileTime {
    var now = timespec()
    unsafe clock_gettime(id, &now)
    return FileTime(seconds: Int64(now.tv_sec), nanoseconds: UInt32(now.tv_nsec))
  }
}
