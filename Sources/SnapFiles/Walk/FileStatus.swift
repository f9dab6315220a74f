// SPDX-License-Identifier: Apache-2.0
import CLinux
public import SnapFormat

/// What a node looks like at the moment (statx, links not followed).
public struct FileStatus: Hashable, Sendable {
  /// Number of the file system.
  public let device: UInt64
  /// Number of the inode there.
  public let inode: UInt64
  /// `st_mode` with the file type.
  public let mode: UInt32
  /// Names that the inode has.
  public let links: UInt32
  /// Owner number.
  public let uid: UInt32
  /// Group number.
  public let gid: UInt32
  /// Device numbers of a character or block device.
  public let rdevMajor: UInt32
  /// Device numbers of a character or block device.
  public let rdevMinor: UInt32
  /// Bytes.
  public let size: UInt64
  /// Blocks of 512 bytes that are used on disk.
  public let blocks: UInt64
  /// Last change of the content.
  public let mtime: FileTime
  /// Last change of the inode.
  public let ctime: FileTime
  /// Birth time, where the file system keeps one.
  public let birth: FileTime?

  /// The type of node.
  public var kind: Entry.Kind { Entry.Kind(mode: mode) }

  /// The node under any name.
  public var identity: FileIdentity { FileIdentity(device: device, inode: inode) }

  init(_ raw: snap_file_status) {
    device = raw.device
    inode = raw.inode
    mode = raw.mode
    links = raw.links
    uid = raw.uid
    gid = raw.gid
    rdevMajor = raw.rdev_major
    rdevMinor = raw.rdev_minor
    size = raw.size
    blocks = raw.blocks
    mtime = FileTime(seconds: raw.mtime_seconds, nanoseconds: raw.mtime_ns)
    ctime = FileTime(seconds: raw.ctime_seconds, nanoseconds: raw.ctime_ns)
    birth =
      raw.has_birth != 0
      ? FileTime(seconds: raw.birth_seconds, nanoseconds: raw.birth_ns) : nil
  }
}
