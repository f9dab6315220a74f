// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
public import SnapFormat

/// Metadata of what is in the target already.
extension TargetTree {
  /// Sets owner, extended attributes, mode, time and inode flags of what is at `path`.
  ///
  /// For links and devices right after they were made, for directories at the end, the deepest
  /// first; the empty path is the target itself. Regular files get theirs from
  /// ``OutputFile/finish(_:xattrs:options:)``; here it is for one that an interrupted restore left.
  /// EEXIST if another kind of node is there, EPERM for a file that is not ours alone. What could
  /// not be set is returned.
  public func apply(
    _ entry: Entry, xattrs: [RestoredXattr] = [], at path: [UInt8],
    options: MetadataOptions = MetadataOptions()
  ) throws(FileError) -> [MetadataLoss] {
    if path.isEmpty, entry.kind == .directory {
      _ = takeFinalMode()
      return try apply(entry, xattrs, to: root.descriptor, bare: false, path, options)
    }
    let (parent, name) = try place(path, making: false, "open")
    var bare: Int32 = 0
    let isDirectory: Int32 = entry.kind == .directory ? 1 : 0
    let node = unsafe snap_out_open_node(parent.descriptor, name, isDirectory, &bare)
    guard node >= 0 else {
      let other = isDirectory == 1 && (node == -ENOTDIR || node == -ELOOP)
      throw failure(path, other ? -EEXIST : node, "open")
    }
    defer { snap_out_close(node) }
    return try apply(entry, xattrs, to: node, bare: bare == 1, path, options)
  }

  private func apply(
    _ entry: Entry, _ xattrs: [RestoredXattr], to node: Int32, bare: Bool, _ path: [UInt8],
    _ options: MetadataOptions
  ) throws(FileError) -> [MetadataLoss] {
    var status = snap_out_status()
    try check(unsafe snap_out_status_of(node, &status), path, "look at")
    guard Entry.Kind(mode: status.mode) == entry.kind else {
      throw failure(path, -EEXIST, "set the metadata of")
    }
    if entry.kind == .file {
      // Somebody may have put a hard link to another file here.
      let shared = status.links > 1 && entry.hardlink.isEmpty
      let foreign = status.uid != snap_out_user() && status.uid != entry.uid
      if shared || foreign { throw failure(path, -EPERM, "set the metadata of") }
    }
    var writer = MetadataWriter(
      node: node, bare: bare, path: TreePath.join(self.path, path), options: options)
    try writer.write(entry, xattrs: xattrs, over: status, dropACL: entry.kind != .symlink)
    if entry.kind == .file || entry.kind == .directory { writer.writeFlags(entry.flags) }
    return writer.losses
  }
}
