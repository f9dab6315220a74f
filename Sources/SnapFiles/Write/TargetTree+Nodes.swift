// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
public import SnapFormat

/// Files, links and devices of the target.
extension TargetTree {
  /// Begins a regular file of `size` bytes under a temporary name; parents are made if missing.
  ///
  /// `flags` are the entry's inode flags, of which some work only on an empty file.
  public func createFile(
    _ path: [UInt8], size: UInt64, flags: UInt32 = 0
  ) throws(FileError) -> OutputFile {
    let (parent, name) = try place(path, making: true, "make")
    while true {
      let temporary = TargetDirectory.cName(temporaryNames.next())
      let file = unsafe snap_out_create(parent.descriptor, temporary)
      if file == -EEXIST { continue }
      try check(file, path, "make")
      if flags & InodeFlags.early != 0 { _ = InodeFlags.set(flags & InodeFlags.early, on: file) }
      return OutputFile(
        file, in: parent, temporary: temporary, name: name,
        path: TreePath.join(self.path, path), size: size, plainCalls: plainCalls)
    }
  }

  /// Makes a symbolic link; EEXIST if the name is taken. Its target is not looked at.
  public func makeSymlink(_ path: [UInt8], target: [UInt8]) throws(FileError) {
    let (parent, name) = try place(path, making: true, "make the link")
    guard !target.isEmpty, !target.contains(0) else {
      throw failure(path, -EINVAL, "make the link")
    }
    let text = TargetDirectory.cName(target)
    try check(
      unsafe snap_out_make_link(parent.descriptor, name, text), path, "make the link")
  }

  /// Makes a FIFO, a character device or a block device; EEXIST if the name is taken, EPERM for a
  /// device if one is not root, ENOTSUP for any other kind of entry.
  public func makeNode(_ path: [UInt8], _ entry: Entry) throws(FileError) {
    let (parent, name) = try place(path, making: true, "make")
    switch entry.kind {
    case .fifo, .characterDevice, .blockDevice:
      let made = unsafe snap_out_make_node(
        parent.descriptor, name, entry.mode, entry.rdevMajor, entry.rdevMinor)
      try check(made, path, "make")
    default:
      throw failure(path, -ENOTSUP, "make")
    }
  }

  /// Gives what is at `existing` a second name; EEXIST if that is taken, EMLINK if the file system
  /// permits no more names.
  public func makeHardLink(existing: [UInt8], _ path: [UInt8]) throws(FileError) {
    let (from, oldName) = try place(existing, making: false, "link")
    let (to, newName) = try place(path, making: true, "make the hard link")
    var made = unsafe snap_out_hard_link(from.descriptor, oldName, to.descriptor, newName)
    if made == -EPERM, let locked = try openLocked(existing, from, oldName) {
      // An immutable file gets no names: its flag is taken away for a moment.
      defer { snap_out_close(locked) }
      if let flags = InodeFlags.unlock(locked) {
        made = unsafe snap_out_hard_link(from.descriptor, oldName, to.descriptor, newName)
        _ = InodeFlags.set(flags, on: locked)
      }
    }
    try check(made, path, "make the hard link")
  }

  private func openLocked(
    _ path: [UInt8], _ parent: TargetDirectory, _ name: [CChar]
  ) throws(FileError) -> Int32? {
    guard snap_out_user() == 0, try status(path)?.kind == .file else { return nil }
    let file = unsafe snap_out_open_file(parent.descriptor, name)
    return file < 0 ? nil : file
  }

  /// What is at `path`, links not followed; nil if nothing is.
  public func status(_ path: [UInt8]) throws(FileError) -> TargetStatus? {
    var status = snap_out_status()
    do {
      let (parent, name) = try place(path, making: false, "look at")
      try check(unsafe snap_out_look(parent.descriptor, name, &status), path, "look at")
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
    return TargetStatus(status)
  }

  /// Where the symbolic link at `path` points; EINVAL if it is none.
  public func symlinkTarget(_ path: [UInt8]) throws(FileError) -> [UInt8] {
    let (parent, name) = try place(path, making: false, "read the link")
    var length = 0
    // Linux keeps at most 4,095 bytes.
    var target = [UInt8](repeating: 0, count: 4096)
    unsafe target.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      length = Int(unsafe snap_out_read_link(parent.descriptor, name, start, buffer.count))
    }
    guard length >= 0 else {
      throw failure(path, Int32(truncatingIfNeeded: length), "read the link")
    }
    return Array(target.prefix(length))
  }

  /// Opens a regular file for reading; EEXIST if something else has the name.
  public func open(_ path: [UInt8]) throws(FileError) -> ExistingFile {
    let (parent, name) = try place(path, making: false, "open")
    let file = unsafe snap_out_open_file(parent.descriptor, name)
    try check(file, path, "open")
    return try ExistingFile(file, path: TreePath.join(self.path, path))
  }

  /// Removes anything but a directory, which this restore made. Never the marker.
  public func remove(_ path: [UInt8]) throws(FileError) {
    let (parent, name) = try place(path, making: false, "remove")
    if path == Self.markerName { throw failure(path, -EPERM, "remove") }
    try check(unsafe snap_out_remove(parent.descriptor, name), path, "remove")
  }
}
