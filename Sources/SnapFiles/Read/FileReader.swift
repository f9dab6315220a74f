// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SnapFormat

/// An open regular file of the walk.
public struct FileReader: ~Copyable, Sendable {
  /// What it looked like when it was opened.
  public let status: FileStatus

  let descriptor: Int32
  private let path: [UInt8]

  /// Holes that are shorter are read as data: an entry in the chunk list costs more.
  private static let holeByteCountMin: UInt64 = 64 * 1024
  /// More extents than this are not worth the memory; the rest counts as data.
  private static let extentCountMax = 262_144

  /// Opens a file that the walk found, without following a link.
  ///
  /// Throws `ESTALE` if another node has the name by now; `FoundEntry.lookedAtAgain` helps then.
  public init(_ found: FoundEntry) throws(FileError) {
    // A link in its place cannot be opened at all, a FIFO would be.
    let opened = unsafe found.withLeaf { leaf in
      unsafe snap_file_open(found.directory.descriptor, leaf)
    }
    if opened == -ELOOP { throw found.failure(-ESTALE, "open") }
    if opened < 0 { throw found.failure(opened, "open") }
    var raw = snap_file_status()
    let looked = unsafe snap_file_status_of(opened, &raw)
    let now = FileStatus(raw)
    if looked < 0 || now.kind != .file || now.identity != found.status.identity {
      snap_file_close(opened)
      throw looked < 0 ? found.failure(looked, "look at") : found.failure(-ESTALE, "open")
    }
    descriptor = opened
    path = found.path
    status = now
  }

  deinit { snap_file_close(descriptor) }

  /// Fills `buffer` from `offset`; gives back the bytes read, fewer only at the end of the file.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
  ) throws(FileError) -> Int {
    guard let start = buffer.baseAddress, unsafe !buffer.isEmpty else { return 0 }
    let got = unsafe snap_file_read(descriptor, start, buffer.count, offset)
    if got < 0 { throw failure(got, "read") }
    return Int(got)
  }

  /// Data and holes in turn from the begin to `status.size`; holes shorter than 64 KiB count as
  /// data.
  public func extents() throws(FileError) -> [Extent] {
    let size = status.size
    if size == 0 { return [] }
    let all = [Extent(0..<size, isHole: false)]
    // A file system that counts its blocks otherwise costs an extra look at most.
    if status.blocks >= (size + 511) / 512 { return all }
    var out: [Extent] = []
    var data: Range<UInt64>?  // not yet in `out`
    var at: UInt64 = 0
    while at < size {
      let found = snap_file_seek_data(descriptor, at)
      if found == -Int64(EINVAL) || found == -Int64(ENOTSUP) { return all }
      if found < 0, found != -Int64(ENXIO) { throw failure(found, "look for holes in") }
      var start = found < 0 ? size : min(UInt64(found), size)
      // Whatever a strange file system says, it goes on.
      if start < at { start = at }
      let end: UInt64
      if start < size {
        let hole = snap_file_seek_hole(descriptor, start)
        // It may have become shorter meanwhile.
        if hole < 0, hole != -Int64(ENXIO) { throw failure(hole, "look for holes in") }
        end = hole < 0 ? size : min(max(UInt64(hole), start + 1), size)
      } else {
        end = size
      }
      if start - at >= Self.holeByteCountMin {
        if let data { out.append(Extent(data, isHole: false)) }
        out.append(Extent(at..<start, isHole: true))
        data = start < end ? start..<end : nil
      } else {
        data = (data?.lowerBound ?? at)..<end
      }
      at = end
      if out.count >= Self.extentCountMax, at < size {
        data = (data?.lowerBound ?? at)..<size
        break
      }
    }
    if let data { out.append(Extent(data, isHole: false)) }
    return out
  }

  /// What it looks like now; its size, mtime and ctime tell of changes while it was read.
  public func statusNow() throws(FileError) -> FileStatus {
    var raw = snap_file_status()
    let result = unsafe snap_file_status_of(descriptor, &raw)
    if result < 0 { throw failure(result, "look at") }
    return FileStatus(raw)
  }

  /// Lets the kernel read ahead further, where the file is longer than 1 MiB.
  public func adviseSequential() {
    if status.size > 1 << 20 { snap_file_will_read_all(descriptor) }
  }

  /// Lets the kernel forget the pages of a part that was read.
  public func dropCache(_ range: Range<UInt64>) {
    snap_file_forget_pages(descriptor, range.lowerBound, range.upperBound - range.lowerBound)
  }

  private func failure(_ result: some SignedInteger, _ doing: String) -> FileError {
    FileError(path: path, errno: Int32(truncatingIfNeeded: -result), doing: doing)
  }
}
