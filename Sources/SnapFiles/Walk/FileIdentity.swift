// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What makes a node the same one under any name.
public struct FileIdentity: Hashable, Sendable {
  /// Number of the file system.
  public let device: UInt64
  /// Number of the inode there.
  public let inode: UInt64

  /// Takes both numbers.
  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// Looks at `path`, following links; nil if there is nothing or it cannot be looked at.
  public init?(path: String) {
    var raw = snap_file_status()
    guard unsafe snap_file_look_path(path, &raw) >= 0 else { return nil }
    self.init(device: raw.device, inode: raw.inode)
  }
}
