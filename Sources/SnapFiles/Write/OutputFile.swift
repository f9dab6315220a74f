// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
public import SnapFormat
import Synchronization

/// A regular file on its way: it has a temporary name until all its bytes are there.
///
/// Many threads may write at once. A file that is dropped without ``finish(_:xattrs:options:)`` is
/// removed again.
public final class OutputFile: Sendable {
  /// Bytes that the file will have.
  public let size: UInt64

  private enum State: UInt8, AtomicRepresentable { case open, ended }

  private let directory: TargetDirectory
  private let descriptor: Int32
  private let temporary: [CChar]
  private let name: [CChar]
  /// The whole path, for errors.
  private let path: [UInt8]
  private let plainCalls: Bool
  private let written = Atomic<UInt64>(0)
  private let state = Atomic<State>(.open)

  init(
    _ descriptor: Int32, in directory: TargetDirectory, temporary: [CChar], name: [CChar],
    path: [UInt8], size: UInt64, plainCalls: Bool
  ) {
    self.descriptor = descriptor
    self.directory = directory
    self.temporary = temporary
    self.name = name
    self.path = path
    self.size = size
    self.plainCalls = plainCalls
  }

  deinit {
    discard()
    // Only here: a thread that still writes holds the object, so it can never meet another file
    // under the same number.
    snap_out_close(descriptor)
  }

  /// Writes all of `bytes` at `offset`; EFBIG beyond ``size``. What is never written is a hole.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(FileError) {
    guard unsafe !bytes.isEmpty else { return }
    let count = bytes.count
    let (end, overflow) = offset.addingReportingOverflow(UInt64(count))
    guard !overflow, end <= size, end <= UInt64(Int64.max) else {
      throw failure(-EFBIG, "write")
    }
    guard state.load(ordering: .relaxed) == .open else { throw failure(-EBADF, "write") }
    let result = unsafe snap_out_write(descriptor, bytes.baseAddress, count, offset)
    guard result >= 0 else { throw failure(result, "write") }
    written.max(end, ordering: .relaxed)
  }

  /// Completes the file, once all writes have come back: length, metadata, final name, inode flags.
  ///
  /// EEXIST if the name is taken by now. After an error the file is gone. What could not be set is
  /// returned; the birth time is never set, since Linux has no call for it.
  public func finish(
    _ entry: Entry, xattrs: [RestoredXattr] = [], options: MetadataOptions = MetadataOptions()
  ) throws(FileError) -> [MetadataLoss] {
    guard end() else { throw failure(-EBADF, "complete") }
    var writer = MetadataWriter(node: descriptor, bare: false, path: path, options: options)
    do {
      try complete(entry, xattrs, &writer)
    } catch {
      removeTemporary()
      throw error
    }
    writer.writeFlags(entry.flags)
    return writer.losses
  }

  /// Removes the file, unless it is complete.
  public func discard() {
    if end() { removeTemporary() }
  }

  private func complete(
    _ entry: Entry, _ xattrs: [RestoredXattr], _ writer: inout MetadataWriter
  ) throws(FileError) {
    guard entry.kind == .file else { throw failure(-EINVAL, "complete") }
    if written.load(ordering: .relaxed) != size {
      try check(snap_out_truncate(descriptor, size), "set the length of")
    }
    var status = snap_out_status()
    try check(unsafe snap_out_status_of(descriptor, &status), "look at")
    try writer.write(entry, xattrs: xattrs, over: status, dropACL: directory.passesACLOn)
    let renamed = unsafe snap_out_rename_new(
      directory.descriptor, temporary, name, plainCalls ? 1 : 0)
    try check(renamed, "name")
  }

  /// True for the first caller only.
  private func end() -> Bool {
    state.exchange(.ended, ordering: .acquiringAndReleasing) == .open
  }

  private func removeTemporary() {
    _ = unsafe snap_out_remove(directory.descriptor, temporary)
  }

  private func check(_ result: Int32, _ doing: String) throws(FileError) {
    if result < 0 { throw failure(result, doing) }
  }

  private func failure(_ result: Int32, _ doing: String) -> FileError {
    FileError(path: path, errno: -result, doing: doing)
  }
}
