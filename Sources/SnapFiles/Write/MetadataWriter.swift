// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SnapFormat

/// Sets the metadata of one open node, in the only order that works: the owner first, because a
/// change clears set-user-id bits and capabilities; then attributes, while the mode still permits
/// it; then mode and time. Inode flags follow when the file has its name.
///
/// The birth time stays that of the restore: Linux has no call to set it.
struct MetadataWriter {
  let node: Int32
  /// The node was opened with O_PATH.
  let bare: Bool
  /// The whole path, for errors.
  let path: [UInt8]
  let options: MetadataOptions
  private(set) var losses: [MetadataLoss] = []

  init(node: Int32, bare: Bool, path: [UInt8], options: MetadataOptions) {
    self.node = node
    self.bare = bare
    self.path = path
    self.options = options
  }

  /// Sets all but the flags. `status` is the node's at the moment; `dropACL` takes away lists that
  /// it may have got from its directory.
  mutating func write(
    _ entry: Entry, xattrs: [RestoredXattr], over status: snap_out_status, dropACL: Bool
  ) throws(FileError) {
    var status = status
    let chowned = try setOwner(entry, &status)
    var dropped = false
    if dropACL {
      for name in [PosixACL.accessName, PosixACL.defaultName] {
        let removed = unsafe snap_out_remove_xattr(
          node, bare ? 1 : 0, TargetDirectory.cName(name))
        dropped = dropped || removed == 1
      }
    }
    var lostACL: [UInt8]?
    var hasACL = false
    for xattr in xattrs {
      let isACL = xattr.name == PosixACL.accessName
      if options.xattrs, try set(xattr) {
        hasACL = hasACL || isACL
      } else if isACL {
        lostACL = xattr.value
      }
    }
    if entry.kind != .symlink {
      let mode = permissions(of: entry, status, lostACL: lostACL)
      if chowned || dropped || hasACL || status.mode & 0o7777 != mode { try setMode(mode) }
    }
    let time = snap_out_set_time(
      node, bare ? 1 : 0, entry.mtime.seconds, entry.mtime.nanoseconds)
    try accept(time, as: .time, "set the time of")
  }

  /// Sets the inode flags; the file may be immutable afterwards.
  mutating func writeFlags(_ flags: UInt32) {
    guard flags & Entry.flagsMask != 0 else { return }
    var file = node
    if bare {
      file = snap_out_reopen(node)
      if file < 0 { return lose(.flags) }
    }
    if !InodeFlags.set(flags, on: file) { lose(.flags) }
    if bare { snap_out_close(file) }
  }

  // MARK: Steps

  /// Gives the node its owner and group, as far as permitted; says whether anything was changed.
  private mutating func setOwner(
    _ entry: Entry, _ status: inout snap_out_status
  ) throws(FileError) -> Bool {
    guard options.owners == .ids else { return false }
    let keep = UInt32.max
    let uid = entry.uid == status.uid ? keep : entry.uid
    let gid = entry.gid == status.gid ? keep : entry.gid
    // UInt32.max is nobody's number, and to the kernel it means "leave it alone".
    if entry.uid == keep || entry.gid == keep {
      lose(.owner)
      return false
    }
    if uid == keep, gid == keep { return false }
    let both = snap_out_chown(node, uid, gid)
    if both >= 0 {
      status.uid = entry.uid
      status.gid = entry.gid
      return true
    }
    try accept(both, as: .owner, "set the owner of")
    // One's own groups are permitted to everybody.
    guard uid != keep, gid != keep, snap_out_chown(node, keep, gid) >= 0 else { return false }
    status.gid = entry.gid
    return true
  }

  /// The mode to set. Programs that change user or group must not do so for somebody else than the
  /// snapshot says.
  private func permissions(
    of entry: Entry, _ status: snap_out_status, lostACL: [UInt8]?
  ) -> UInt32 {
    var mode = entry.mode & 0o7777
    if entry.kind != .directory {
      if status.uid != entry.uid { mode &= ~0o4000 }
      if status.gid != entry.gid { mode &= ~0o2000 }
    }
    if let lostACL {
      mode &= ~0o070 | (PosixACL.groupBits(lostACL) ?? 0) << 3
    }
    return mode
  }

  private mutating func setMode(_ mode: UInt32) throws(FileError) {
    try accept(snap_out_chmod(node, bare ? 1 : 0, mode), as: .mode, "set the mode of")
  }

  /// Sets one attribute; false if it is lost.
  private mutating func set(_ xattr: RestoredXattr) throws(FileError) -> Bool {
    let loss = Self.loss(of: xattr.name)
    guard !xattr.name.contains(0) else {
      lose(loss)
      return false
    }
    let name = TargetDirectory.cName(xattr.name)
    let result = unsafe xattr.value.withUnsafeBytes { value in
      unsafe snap_out_set_xattr(node, bare ? 1 : 0, name, value.baseAddress, value.count)
    }
    if result >= 0 { return true }
    // ENOSPC says also that the attributes of one file are too long for this file system.
    let full = result == -ENOSPC && snap_out_room(node) <= 0
    if full || [-EIO, -EDQUOT, -EROFS, -ENOMEM].contains(result) {
      throw FileError(path: path, errno: -result, doing: "set an extended attribute of")
    }
    lose(loss)
    return false
  }

  private static func loss(of name: [UInt8]) -> MetadataLoss {
    if name == PosixACL.accessName || name == PosixACL.defaultName { return .acl }
    let isSecurity =
      name.starts(with: "security.".utf8) || name.starts(with: "trusted.".utf8)
    return isSecurity ? .securityXattr : .xattr(name)
  }

  /// Takes "not permitted" and "not possible here" as a loss, anything else as an error.
  private mutating func accept(
    _ result: Int32, as loss: MetadataLoss, _ doing: String
  ) throws(FileError) {
    switch result {
    case 0...: return
    case -EPERM, -ENOTSUP, -ENOSYS, -EOVERFLOW: lose(loss)
    // An owner that the user name space does not have.
    case -EINVAL where loss == .owner: lose(loss)
    default: throw FileError(path: path, errno: -result, doing: doing)
    }
  }

  private mutating func lose(_ loss: MetadataLoss) {
    if !losses.contains(loss) { losses.append(loss) }
  }
}
