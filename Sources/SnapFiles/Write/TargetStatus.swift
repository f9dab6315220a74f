// SPDX-License-Identifier: Apache-2.0
import CLinux
public import SnapFormat

/// What a node of the target looks like at the moment (lstat).
public struct TargetStatus: Hashable, Sendable {
  /// `st_mode` with the file type.
  public var mode: UInt32
  /// Owner number.
  public var uid: UInt32
  /// Group number.
  public var gid: UInt32
  /// Names that the inode has.
  public var linkCount: UInt32
  /// Bytes.
  public var size: UInt64
  /// Last change of the content.
  public var mtime: FileTime
  /// Number of the inode.
  public var inode: UInt64
  /// Number of the file system.
  public var device: UInt64
  /// Device numbers of a character or block device.
  public var rdevMajor: UInt32
  /// Device numbers of a character or block device.
  public var rdevMinor: UInt32

  /// The type of node.
  public var kind: Entry.Kind { Entry.Kind(mode: mode) }

  init(_ raw: snap_out_status) {
    mode = raw.mode
    uid = raw.uid
    gid = raw.gid
    linkCount = raw.links
    size = raw.size
    mtime = FileTime(seconds: raw.seconds, nanoseconds: raw.nanoseconds)
    inode = raw.inode
    device = raw.device
    rdevMajor = raw.rdev_major
    rdevMinor = raw.rdev_minor
  }
}
