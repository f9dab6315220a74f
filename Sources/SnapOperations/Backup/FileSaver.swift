// SPDX-License-Identifier: Apache-2.0

import SnapFiles
import SnapFormat
import SnapRepository

/// What one thread needs to save files.
@safe final class SaveWorker: @unchecked Sendable {
  // Sendable: lent to one task at a time.
  let blobs: BlobWorker
  let buffer: UnsafeMutableRawBufferPointer

  init(_ writer: BlobWriter, maximumChunk: Int) throws {
    blobs = try writer.worker()
    // Two of the largest chunks: then half of the buffer is always new bytes.
    unsafe buffer = .allocate(byteCount: 2 * maximumChunk, alignment: 4096)
  }

  deinit { unsafe buffer.deallocate() }
}

/// An entry on its way into the tree.
struct SavedEntry: Sendable {
  var entry: Entry
  /// The chunk list before it was folded into lists.
  var unfolded: Content
  var identity: (device: UInt64, inode: UInt64)
  var links: UInt32
  var outcome: Outcome
  var problems: [FileError] = []
  /// Changed within the clock's step before it was read: another change could look the same.
  var isRacy = false

  enum Outcome: Sendable { case unchanged, new, changed, failed }
}

/// Saves the content and metadata of single files: read, cut, name, store.
struct FileSaver: Sendable {
  let writer: BlobWriter
  let chunker: Chunker
  let inlineLimit: Int
  let clocks: Clocks
  private static let xattrInlineMax = 1024
  private static let attempts = 3

  func save(_ found: FoundEntry, worker: SaveWorker) async throws -> SavedEntry {
    var saved = SavedEntry(
      entry: Entry(path: found.path, mode: found.status.mode), unfolded: Content(),
      identity: (found.status.device, found.status.inode), links: found.status.links,
      outcome: .new)
    do {
      let begun = clocks.wall()
      if saved.entry.kind == .file {
        try await saveFile(found, &saved, worker)
      } else {
        let (entry, problems) = try MetadataReader.entry(for: found)
        saved.entry = entry
        saved.problems = problems
      }
      saved.entry.ctime = found.status.ctime
      saved.isRacy = Self.isRacy(found.status.ctime, begun)
      if saved.isRacy { saved.entry.ctime = nil }
      if found.isAncestor { Self.removeTimes(&saved.entry) }
    } catch let error as FileError {
      saved.outcome = .failed
      saved.problems.append(error)
      return saved
    }
    try await storeAttributes(&saved.entry, worker)
    return saved
  }

  /// Folders above a root change whenever a neighbour does; their times are not part of what was
  /// asked for and would make every snapshot differ. FORMAT.md, "Entry".
  private static func removeTimes(_ entry: inout Entry) {
    entry.mtime = FileTime(seconds: 0)
    entry.ctime = nil
    entry.birth = nil
  }

  /// A change in the same step of the file system's clock would leave no trace in ctime.
  static func isRacy(_ ctime: FileTime, _ now: FileTime) -> Bool {
    // Kernels step every 1 to 10 ms; times without fractions come from file systems that step by
    // one or two seconds.
    let step: Int64 = ctime.nanoseconds == 0 ? 2_100_000_000 : 20_000_000
    let age =
      (now.seconds &- ctime.seconds).multipliedReportingOverflow(by: 1_000_000_000).partialValue
      &+ Int64(now.nanoseconds) &- Int64(ctime.nanoseconds)
    return now.seconds &- ctime.seconds < 10 && age < step
  }

  private func saveFile(
    _ found: FoundEntry, _ saved: inout SavedEntry, _ worker: SaveWorker
  ) async throws {
    for attempt in 1...Self.attempts {
      let reader = try FileReader(found)
      let (entry, problems) = MetadataReader.entry(for: found, reader: reader)
      saved.entry = entry
      saved.problems = problems
      let content = try await read(reader, worker)
      saved.entry.size = content.byteCount
      saved.unfolded = content
      let (folded, lists) = try ListBuilder.fold(content, ids: worker.blobs.treeIDs)
      for list in lists { _ = try await writer.store(list, worker: worker.blobs) }
      saved.entry.content = folded
      let before = reader.status
      let after = try reader.statusNow()
      if before.size == after.size, before.mtime == after.mtime, before.ctime == after.ctime,
        content.byteCount == after.size
      {
        return
      }
      if attempt == Self.attempts { saved.entry.note.insert(.changedWhileRead) }
    }
  }

  private func read(_ reader: borrowing FileReader, _ worker: SaveWorker) async throws -> Content {
    let size = reader.status.size
    var content = Content()
    if size <= UInt64(inlineLimit) {
      let count = unsafe try reader.read(into: worker.buffer, at: 0)
      // It may have grown meanwhile: then it is a file like any other.
      if count <= inlineLimit {
        content.inline = unsafe Array(worker.buffer[..<count])
        return content
      }
    }
    reader.adviseSequential()
    for extent in try reader.extents() {
      if extent.isHole {
        Self.append(.hole, extent.length, to: &content)
      } else if try await !readData(reader, extent, size, &content, worker) {
        break
      }
    }
    return content
  }

  /// Cuts one run of data; false when the file ended before it should.
  private func readData(
    _ reader: borrowing FileReader, _ extent: Extent, _ size: UInt64, _ content: inout Content,
    _ worker: SaveWorker
  ) async throws -> Bool {
    let buffer = unsafe worker.buffer
    let maximum = chunker.settings.maximum
    var readAt = extent.offset
    let end = extent.offset + extent.length
    var (start, filled) = (0, 0)
    var isShort = false
    var cutAt: UInt64?
    while true {
      if filled - start < maximum, readAt < end, !isShort {
        if start > 0 {
          unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<filled]))
          filled -= start
          start = 0
        }
        let want = min(buffer.count - filled, Int(min(end - readAt, UInt64(Int.max))))
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + want])
        let count = unsafe try reader.read(into: room, at: readAt)
        if count < want { isShort = true }
        if readAt == 0 {
          let head = unsafe UnsafeRawBufferPointer(
            rebasing: buffer[..<min(count, MediaCut.headByteCount)])
          cutAt = unsafe MediaCut.payloadOffset(head: head, fileSize: size).map(UInt64.init)
        }
        filled += count
        readAt += UInt64(count)
      }
      guard filled > start else { return !isShort }
      let position = readAt - UInt64(filled - start)
      var available = filled - start
      // The media payload begins a chunk, as if the file began there.
      if let cut = cutAt, cut > position { available = min(available, Int(cut - position)) }
      let piece = unsafe UnsafeRawBufferPointer(rebasing: buffer[start..<start + available])
      let count = unsafe chunker.cut(piece)
      let chunk = unsafe UnsafeRawBufferPointer(rebasing: piece[..<count])
      if unsafe Chunker.isZero(chunk) {
        Self.append(.hole, UInt64(count), to: &content)
      } else {
        let id = unsafe try worker.blobs.dataIDs.id(of: chunk)
        _ = unsafe try await writer.store(.dataPack, id: id, chunk, worker: worker.blobs)
        Self.append(id, UInt64(count), to: &content)
      }
      start += count
    }
  }

  private static func append(_ id: BlobID, _ length: UInt64, to content: inout Content) {
    guard length > 0 else { return }
    if id == .hole, content.ids.last == .hole, let last = content.lengths.indices.last {
      content.lengths[last] += length
      return
    }
    content.ids.append(id)
    content.lengths.append(length)
  }

  /// Large attribute values become chunks; all of them, when the entry would get too long.
  private func storeAttributes(_ entry: inout Entry, _ worker: SaveWorker) async throws {
    let total = entry.xattrs.reduce(0) { $0 + $1.content.inline.count }
    for i in entry.xattrs.indices {
      let value = entry.xattrs[i].content.inline
      guard value.count > Self.xattrInlineMax || (total > 256 * 1024 && !value.isEmpty) else {
        continue
      }
      let blob = MetadataBlob(id: try worker.blobs.dataIDs.id(of: value), bytes: value)
      _ = try await writer.store(chunk: blob, worker: worker.blobs)
      var content = Content()
      content.ids = [blob.id]
      content.lengths = [UInt64(value.count)]
      entry.xattrs[i].content = content
    }
  }
}
