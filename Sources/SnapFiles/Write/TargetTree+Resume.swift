// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SnapFormat

/// What tells an interrupted restore from other content, and what it leaves.
extension TargetTree {
  /// The name of the marker in the target.
  static let markerName = Array(".snap-restore".utf8)

  /// Says whether the target holds nothing at all.
  public func isEmpty() throws(FileError) -> Bool {
    var empty = true
    try forEachName(in: root, []) { _, _ throws(FileError) in
      empty = false
      return false
    }
    return empty
  }

  /// The bytes of the marker; nil if there is none.
  ///
  /// EPERM if it is not this user's own regular file: then it says nothing about what is here.
  public func marker() throws(FileError) -> [UInt8]? {
    guard let status = try status(Self.markerName) else { return nil }
    guard status.kind == .file, status.uid == snap_out_user() else {
      throw failure(Self.markerName, -EPERM, "read")
    }
    let limit = 65_536
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    let file = try open(Self.markerName)
    var count = 0
    var failed: FileError?
    unsafe bytes.withUnsafeMutableBytes { buffer in
      do throws(FileError) {
        count = try unsafe file.read(into: buffer, at: 0)
      } catch {
        failed = error
      }
    }
    if let failed { throw failed }
    guard count <= limit else { throw failure(Self.markerName, -EFBIG, "read") }
    return Array(bytes.prefix(count))
  }

  /// Writes the marker, in place of one that is there; it is on the disk when this returns.
  public func setMarker(_ bytes: [UInt8]) throws(FileError) {
    let name = TargetDirectory.cName(Self.markerName)
    let temporary = TargetDirectory.cName(temporaryNames.next())
    let file = unsafe snap_out_create(root.descriptor, temporary)
    try check(file, Self.markerName, "make")
    defer { snap_out_close(file) }
    var result = unsafe bytes.withUnsafeBytes { buffer in
      unsafe snap_out_write(file, buffer.baseAddress, buffer.count, 0)
    }
    if result >= 0 { result = snap_out_sync(file) }
    if result >= 0 { result = unsafe snap_out_rename_over(root.descriptor, temporary, name) }
    if result < 0 {
      _ = unsafe snap_out_remove(root.descriptor, temporary)
      throw failure(Self.markerName, result, "write")
    }
    try check(snap_out_sync(root.descriptor), [], "write to the disk")
  }

  /// Removes the marker, if there is one; the target keeps its time. ``sync()`` comes before.
  public func removeMarker() throws(FileError) {
    var before = snap_out_status()
    try check(unsafe snap_out_status_of(root.descriptor, &before), [], "look at")
    let removed = unsafe snap_out_remove(
      root.descriptor, TargetDirectory.cName(Self.markerName))
    if removed == -ENOENT { return }
    try check(removed, Self.markerName, "remove")
    let time = snap_out_set_time(root.descriptor, 0, before.seconds, before.nanoseconds)
    // Somebody else's directory keeps the new time.
    if time != -EPERM { try check(time, [], "set the time of") }
    try check(snap_out_sync(root.descriptor), [], "write to the disk")
  }

  /// Removes the incomplete files that an interrupted restore left in one directory; gives back
  /// how many. Not while files are being written there.
  @discardableResult
  public func removeTemporaries(in path: [UInt8]) throws(FileError) -> Int {
    guard path.isEmpty || TreePath.isSafe(path) else { throw failure(path, -EINVAL, "clean") }
    return try clean(path) { _ in }
  }

  /// Removes the incomplete files in all directories of the target; gives back how many. Links are
  /// not followed; directories that this user may not read are passed over.
  @discardableResult
  public func sweep() throws(FileError) -> Int {
    var removed = 0
    var waiting: [[UInt8]] = [[]]
    while let path = waiting.popLast() {
      do {
        removed += try clean(path) { waiting.append($0) }
      } catch {
        if error.errno != EACCES { throw error }
      }
    }
    return removed
  }

  private func clean(
    _ path: [UInt8], found: (_ directory: [UInt8]) -> Void
  ) throws(FileError) -> Int {
    var removed = 0
    let directory = try directory(path, making: false, "clean")
    try forEachName(in: directory, path) { name, type throws(FileError) in
      let isTemporary = TemporaryNames.isTemporary(name)
      var mode = type
      if mode == 0 || isTemporary {
        mode = try status(TreePath.join(path, name))?.mode ?? 0
      }
      switch Entry.Kind(mode: mode) {
      case .directory:
        let inner = TreePath.join(path, name)
        // Longer paths are not from a snapshot.
        if TreePath.isSafe(inner) { found(inner) }
      case .file where isTemporary:
        let gone = unsafe snap_out_remove(
          directory.descriptor, TargetDirectory.cName(name))
        try check(gone, TreePath.join(path, name), "remove")
        removed += 1
      default: break
      }
      return true
    }
    return removed
  }

  /// Calls `body` with each name and the type bits of its mode (0: unknown) until it says false.
  private func forEachName(
    in directory: TargetDirectory, _ path: [UInt8],
    _ body: (_ name: [UInt8], _ type: UInt32) throws(FileError) -> Bool
  ) throws(FileError) {
    var opened: UnsafeMutableRawPointer?
    try check(unsafe snap_out_list_open(directory.descriptor, &opened), path, "list")
    guard let listing = unsafe opened else { return }
    defer { unsafe snap_out_list_close(listing) }
    while true {
      var name: UnsafePointer<CChar>?
      var type: UInt32 = 0
      let got = unsafe snap_out_list_next(listing, &name, &type)
      try check(got, path, "list")
      guard got == 1, let text = unsafe name else { return }
      let bytes = unsafe UnsafeRawBufferPointer(start: text, count: strlen(text))
      if try unsafe !body(Array(bytes), type) { return }
    }
  }
}
