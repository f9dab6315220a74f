// SPDX-License-Identifier: Apache-2.0
import CLinux
import SnapFormat

/// Setting of inode flags (`chattr`).
enum InodeFlags {
  /// Immutable and append-only: they forbid every later step, so they come last.
  static let locks: UInt32 = 0x30
  /// Compression and no-copy-on-write work only if set before the first byte.
  static let early: UInt32 = 0x0080_0004

  /// Sets those of `wanted` that a snapshot keeps and leaves the file system's own alone; false if
  /// not all could be set.
  static func set(_ wanted: UInt32, on node: Int32) -> Bool {
    let wanted = wanted & Entry.flagsMask
    var current: UInt32 = 0
    guard unsafe snap_out_get_flags(node, &current) >= 0 else { return wanted == 0 }
    let own = current & ~Entry.flagsMask
    if own | wanted == current { return true }
    if snap_out_set_flags(node, own | wanted) < 0 { setSingly(wanted, own, node) }
    // Some file systems pass over flags without an error.
    var now: UInt32 = 0
    return unsafe snap_out_get_flags(node, &now) >= 0 && now & wanted == wanted
  }

  private static func setSingly(_ wanted: UInt32, _ own: UInt32, _ node: Int32) {
    var reached = own
    for group in [wanted & ~locks, wanted & locks] {
      for shift in 0..<UInt32(32) where group & 1 << shift != 0 {
        let next = reached | 1 << shift
        if snap_out_set_flags(node, next) >= 0 { reached = next }
      }
    }
  }

  /// Takes immutable and append-only away; gives back the flags as they were, nil if unchanged.
  @discardableResult
  static func unlock(_ node: Int32) -> UInt32? {
    var current: UInt32 = 0
    guard unsafe snap_out_get_flags(node, &current) >= 0, current & locks != 0,
      snap_out_set_flags(node, current & ~locks) >= 0
    else { return nil }
    return current
  }
}
