// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
import SnapLock
import SnapStorage

/// One run of a writer: blobs into packs, packs into the index, a snapshot at the end.
///
/// Its steps are W0 to W6 of FORMAT.md, "Writer"; their order is the safety argument. Many threads
/// store blobs at once, each with its own ``BlobWorker``.
public final class BlobWriter: Sendable {
  /// The repository.
  public let repository: Repository
  /// The run.
  public let run: RunID
  /// Whether the run died before and was taken up again.
  public let isResumed: Bool
  let clocks: Clocks
  let journal: RunJournal
  let keys: EpochKeys
  let state: Lock<WriterState>

  init(
    repository: Repository, run: RunID, keys: EpochKeys, journal: RunJournal, clocks: Clocks,
    isResumed: Bool, state: WriterState
  ) {
    self.repository = repository
    self.run = run
    self.keys = keys
    self.journal = journal
    self.clocks = clocks
    self.isResumed = isResumed
    self.state = Lock(state)
  }

  /// A worker for one thread.
  public func worker() throws(FormatError) -> BlobWorker {
    try BlobWorker(
      ring: repository.ring, zstdLevel: Int(repository.configuration.zstdLevel))
  }

  /// Whether all these blobs are known; they are then counted on by this run.
  ///
  /// Holes are always known.
  public func knowsAll(_ ids: [BlobID], in kind: ObjectKind) -> Bool {
    let view = state.with { $0.view }
    return ids.allSatisfy { id in
      id == .hole || view.knows(id, in: kind, relying: true)
        || state.with { $0.own.contains(OwnBlob(kind, id)) }
    }
  }

  /// Stores a blob unless it is known.
  ///
  /// - Returns: whether it was new, and the bytes it takes in its pack.
  /// - Throws: ``RepositoryError`` when the storage fails; ``FormatError``.
  public func store(
    _ kind: ObjectKind, id: BlobID, _ raw: UnsafeRawBufferPointer, worker: BlobWorker
  ) async throws -> StoredBlob {
    guard try claim(kind, id) else { return StoredBlob(isNew: false, storedBytes: 0) }
    let (stored, isCompressed) = unsafe worker.compressed(raw)
    let (pack, offset) = try await reserve(
      kind, id: id, rawCount: raw.count, storedCount: stored.count, isCompressed: isCompressed,
      worker)
    do {
      unsafe try pack.builder.seal(
        stored, id: id, at: offset, cipher: worker.cipher(for: pack.builder))
    } catch {
      // The reserved place stays empty: this pack, and with it the run, is lost.
      end(pack, error)
      throw error
    }
    let count = stored.count
    let rawCount = raw.count
    let last = state.with { state in
      state.newBytes += UInt64(rawCount)
      state.storedBytes += UInt64(count)
      return state.packs[state.slot(kind)].sealed(pack)
    }
    if let last { try await finish(last, worker) }
    return StoredBlob(isNew: true, storedBytes: count)
  }

  /// The same for metadata that lies in an array.
  public func store(_ blob: MetadataBlob, worker: BlobWorker) async throws -> StoredBlob {
    try await store(.treePack, blob, worker)
  }

  /// A chunk that lies in an array: an attribute's value.
  public func store(chunk: MetadataBlob, worker: BlobWorker) async throws -> StoredBlob {
    try await store(.dataPack, chunk, worker)
  }

  private func store(
    _ kind: ObjectKind, _ blob: MetadataBlob, _ worker: BlobWorker
  ) async throws -> StoredBlob {
    let owner = UnsafeRawCopy(blob.bytes)
    // The pointer must not outlive its memory while the storage is awaited.
    defer { withExtendedLifetime(owner) {} }
    return try unsafe await store(kind, id: blob.id, owner.bytes, worker: worker)
  }

  /// True for the one caller that has to store the blob.
  private func claim(_ kind: ObjectKind, _ id: BlobID) throws -> Bool {
    let view = state.with { $0.view }
    if view.knows(id, in: kind, relying: true) { return false }
    return try state.with { state throws in
      if let failure = state.failure { throw failure }
      return state.own.insert(OwnBlob(kind, id)).inserted
    }
  }

  private func reserve(
    _ kind: ObjectKind, id: BlobID, rawCount: Int, storedCount: Int, isCompressed: Bool,
    _ worker: BlobWorker
  ) async throws -> (OpenPack, Int) {
    while true {
      var full: [OpenPack] = []
      let place = state.with { state in
        state.packs[state.slot(kind)].reserve(
          id, rawCount: rawCount, storedCount: storedCount, isCompressed: isCompressed,
          full: &full)
      }
      switch place {
      case .reserved(let pack, let offset): return (pack, offset)
      case .closed:
        // Before another buffer is taken: a thread never holds two packs.
        for pack in full { try await finish(pack, worker) }
      case .needsPack(let bytes, let spare):
        let key = try ObjectKey(
          new: kind, epoch: keys, suite: .aes256GCM, run: run, entropy: run.bytes + id.bytes)
        let buffer: PackBuffer
        if let spare { buffer = spare } else { buffer = try PackBuffer(capacity: bytes) }
        state.with { state in
          let slot = state.slot(kind)
          let builder = PackBuilder(key: key, buffer: buffer, target: state.packs[slot].target)
          state.lastNumber += 1
          state.unfinished.insert(state.lastNumber)
          state.packs[slot].add(OpenPack(builder: builder, number: state.lastNumber))
        }
      }
    }
  }

  /// Closes and stores one pack into which nobody seals any more.
  func finish(_ pack: OpenPack, _ worker: BlobWorker?) async throws {
    worker?.forget(pack.builder)
    guard !pack.builder.records.isEmpty else {
      // Opened as a second one and never used: no reader takes a pack without blobs.
      state.with { state in
        state.packs[state.slot(pack.builder.key.header.kind)].recycle(pack.builder.buffer)
      }
      end(pack, nil)
      return
    }
    do {
      try fence()
      let created = UInt64(max(0, clocks.wall().seconds))
      let bytes = unsafe try pack.builder.finish(created: created)
      let header = pack.builder.key.header
      let body = unsafe ObjectBody(owner: pack.builder.buffer, bytes: bytes)
      let name = header.kind.name(of: header.id)
      try await repository.store.write(body, to: name, .deferred)
      if header.kind.isMirrored, repository.configuration.metadataCopies > 1 {
        try await repository.store.write(body, to: "mirror/" + name, .deferred)
      }
      let group = IndexGroup(
        pack: header.id, kind: header.kind, suite: header.suite, epoch: header.epoch,
        length: UInt64(body.count), created: created, run: run, records: pack.builder.records)
      try state.with { state throws in
        try journal.add(group)
        state.groups.append(group)
        state.packsWritten += 1
        state.bytesWritten += group.length
        state.bytesSinceCheckpoint += group.length
        state.packs[state.slot(header.kind)].recycle(pack.builder.buffer)
      }
      end(pack, nil)
    } catch {
      end(pack, error)
      throw error
    }
  }

  /// Takes the pack off the list and wakes who waits for it.
  private func end(_ pack: OpenPack, _ failure: (any Error)?) {
    let waiters = state.with { state -> [CheckedContinuation<Void, any Error>] in
      state.unfinished.remove(pack.number)
      if state.failure == nil { state.failure = failure }
      return state.takeWaiters()
    }
    for waiter in waiters { waiter.resume() }
  }

  /// A run that was silent for a day is dead: collectors may have taken its packs.
  func fence() throws(RepositoryError) {
    let last = state.with { $0.lastAnnounced }
    guard clocks.boot() - last < Self.fenceSeconds else {
      throw RepositoryError(.runExpired, "this run was stopped for more than 24 hours")
    }
  }

  static let fenceSeconds = 24.0 * 3600
}

/// What storing a blob did.
public struct StoredBlob: Sendable {
  /// False when it was known.
  public let isNew: Bool
  /// Bytes in its pack, without tag and directory.
  public let storedBytes: Int
}

/// Bytes at a fixed address for as long as the value lives.
@safe final class UnsafeRawCopy: @unchecked Sendable {
  // Sendable: never changed after init.
  let bytes: UnsafeRawBufferPointer

  init(_ array: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: array.count, alignment: 16)
    unsafe copy.copyBytes(from: array)
    unsafe bytes = UnsafeRawBufferPointer(copy)
  }

  deinit { unsafe bytes.deallocate() }
}
