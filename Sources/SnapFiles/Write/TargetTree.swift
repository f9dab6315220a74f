// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SnapFormat
import Synchronization

/// The target directory of one restore.
///
/// Paths are those of snapshots: below the target, raw bytes, no leading '/'. Whatever a path says
/// and whatever somebody else does to the target meanwhile, nothing outside it is reached: unsafe
/// paths are refused (EINVAL), and no symbolic link inside the target is ever followed. All
/// functions may be called from many threads at once; an error names the whole path.
public final class TargetTree: Sendable {
  /// Where the target is, as it was given.
  public let path: [UInt8]

  let root: TargetDirectory
  let temporaryNames = TemporaryNames()
  let plainCalls: Bool
  private let cache = TargetDirectoryCache(capacity: 64)
  private let finalMode: Mutex<UInt32?>

  /// Opens the target directory and makes it, with its parents, if it is missing.
  ///
  /// A target that is made here has the mode 0700 until ``release()``.
  public convenience init(path: String) throws(FileError) {
    try self.init(path: Array(path.utf8))
  }

  /// As the other, for a path of any bytes.
  public convenience init(path: [UInt8]) throws(FileError) {
    try self.init(path: path, plainCalls: false)
  }

  /// `plainCalls` does without openat2 and renameat2, as old kernels must.
  init(path: [UInt8], plainCalls: Bool) throws(FileError) {
    guard !path.contains(0) else {
      throw FileError(path: path, errno: EINVAL, doing: "open the target")
    }
    var made: Int32 = -1
    let opened = unsafe snap_out_open_target(TargetDirectory.cName(path), &made)
    guard opened >= 0 else {
      throw FileError(path: path, errno: -opened, doing: "open the target")
    }
    self.path = path
    self.plainCalls = plainCalls
    root = TargetDirectory(opened)
    finalMode = Mutex(made < 0 ? nil : UInt32(made))
  }

  /// Gives a target that this object made the mode that a new directory has by the umask.
  ///
  /// Not after ``apply(_:xattrs:at:options:)`` to the target itself, which sets its mode.
  public func release() throws(FileError) {
    guard let mode = takeFinalMode() else { return }
    try check(snap_out_chmod(root.descriptor, 0, mode), [], "set the mode of")
  }

  func takeFinalMode() -> UInt32? {
    finalMode.withLock { mode in
      defer { mode = nil }
      return mode
    }
  }

  /// Writes everything to the disk; reports what could not be written since the target was opened.
  public func sync() throws(FileError) {
    try check(snap_out_sync_all(root.descriptor), [], "write to the disk")
  }

  /// Bytes that an ordinary user can still write here.
  public func freeBytes() throws(FileError) -> UInt64 {
    let room = snap_out_room(root.descriptor)
    guard room >= 0 else { throw failure([], Int32(truncatingIfNeeded: room), "look at") }
    return UInt64(room)
  }

  // MARK: Directories

  /// Makes a directory, mode 0700 for now, and its parents where they are missing.
  ///
  /// An existing directory is fine, and made writable for its owner if it is ours; anything else of
  /// that name is EEXIST.
  public func makeDirectory(_ path: [UInt8]) throws(FileError) {
    let (parent, name) = try place(path, making: true, "make the directory")
    let made = make(name, in: parent)
    if made == -EEXIST { return try reuseDirectory(path, parent, name) }
    try check(made, path, "make the directory")
  }

  /// Makes one directory with the mode 0700, also where it would get an access control list.
  private func make(_ name: [CChar], in parent: TargetDirectory) -> Int32 {
    let made = unsafe snap_out_make_folder(parent.descriptor, name)
    guard made >= 0, parent.passesACLOn else { return made }
    var bare: Int32 = 0
    let node = unsafe snap_out_open_node(parent.descriptor, name, 1, &bare)
    guard node >= 0 else { return node }
    defer { snap_out_close(node) }
    for list in [PosixACL.accessName, PosixACL.defaultName] {
      _ = unsafe snap_out_remove_xattr(node, bare, TargetDirectory.cName(list))
    }
    return snap_out_chmod(node, bare, 0o700)
  }

  /// An interrupted restore may have given a directory its last mode and flags already.
  private func reuseDirectory(
    _ path: [UInt8], _ parent: TargetDirectory, _ name: [CChar]
  ) throws(FileError) {
    var bare: Int32 = 0
    let node = unsafe snap_out_open_node(parent.descriptor, name, 1, &bare)
    guard node >= 0 else {
      let taken = node == -ENOTDIR || node == -ELOOP
      throw failure(path, taken ? -EEXIST : node, "make the directory")
    }
    defer { snap_out_close(node) }
    var status = snap_out_status()
    try check(unsafe snap_out_status_of(node, &status), path, "look at")
    guard Entry.Kind(mode: status.mode) == .directory else {
      throw failure(path, -EEXIST, "make the directory")
    }
    if snap_out_user() == 0, bare == 0 { InodeFlags.unlock(node) }
    if status.uid == snap_out_user(), status.mode & 0o700 != 0o700 {
      try check(snap_out_chmod(node, bare, status.mode & 0o7777 | 0o700), path, "set the mode of")
    }
  }

  /// The open directory `path`; missing ones are made, mode 0700, if `making`.
  func directory(
    _ path: [UInt8], making: Bool, _ doing: String
  ) throws(FileError) -> TargetDirectory {
    if path.isEmpty { return root }
    if let cached = cache.find(path) { return cached }
    var (current, start) = cache.nearest(above: path) ?? (root, 0)
    while start < path.count {
      let end = pieceEnd(path, from: start)
      let piece = path[start..<end]
      let opened = open(piece, in: current)
      if opened >= 0 {
        current = TargetDirectory(opened)
      } else if opened == -ENOENT, making {
        current = try makeAll(piece, in: current, of: path, doing)
      } else {
        throw failure(path, opened, doing)
      }
      start = end + 1
    }
    cache.insert(current, at: path)
    return current
  }

  private func open(_ piece: ArraySlice<UInt8>, in directory: TargetDirectory) -> Int32 {
    let name = TargetDirectory.cName(piece)
    return unsafe snap_out_open_folder(directory.descriptor, name, plainCalls ? 1 : 0)
  }

  /// Where a piece of the path ends that the kernel takes at once (PATH_MAX is 4,096).
  private func pieceEnd(_ path: [UInt8], from start: Int) -> Int {
    guard path.count - start > 4000 else { return path.count }
    // Components have at most 255 bytes, so there is a '/'.
    return path[start..<(start + 4000)].lastIndex(of: UInt8(ascii: "/")) ?? path.count
  }

  private func makeAll(
    _ piece: ArraySlice<UInt8>, in directory: TargetDirectory, of path: [UInt8], _ doing: String
  ) throws(FileError) -> TargetDirectory {
    var current = directory
    for name in piece.split(separator: UInt8(ascii: "/")) {
      var opened = open(name, in: current)
      if opened == -ENOENT {
        let made = make(TargetDirectory.cName(name), in: current)
        // Another thread may have been faster.
        if made < 0, made != -EEXIST { throw failure(path, made, doing) }
        opened = open(name, in: current)
      }
      guard opened >= 0 else { throw failure(path, opened, doing) }
      current = TargetDirectory(opened)
    }
    return current
  }

  /// Checks `path` and opens the directory of its last component, which comes back as C's text.
  func place(
    _ path: [UInt8], making: Bool, _ doing: String
  ) throws(FileError) -> (TargetDirectory, name: [CChar]) {
    guard TreePath.isSafe(path) else { throw failure(path, -EINVAL, doing) }
    let parent = try directory(TreePath.parent(path), making: making, doing)
    return (parent, TargetDirectory.cName(TreePath.name(path)))
  }

  // MARK: Errors

  func check(_ result: Int32, _ path: [UInt8], _ doing: String) throws(FileError) {
    if result < 0 { throw failure(path, result, doing) }
  }

  /// An error about a path below the target; `result` is a negative errno.
  func failure(_ path: [UInt8], _ result: Int32, _ doing: String) -> FileError {
    FileError(path: TreePath.join(self.path, path), errno: -result, doing: doing)
  }
}
