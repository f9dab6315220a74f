// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
import SnapLock
import SnapStorage

extension BlobWriter {
  /// Seconds and bytes after which a checkpoint is due; FORMAT.md, "Writer", W2.
  private static let checkpointSeconds = 600.0
  private static let checkpointBytes: UInt64 = 4 << 30
  private static let silentSeconds = 6.0 * 3600

  /// Whether it is time for ``checkpoint(_:)``.
  public var isCheckpointDue: Bool {
    let now = clocks.boot()
    return state.with { state in
      if state.bytesSinceCheckpoint >= Self.checkpointBytes { return true }
      let silence = now - state.lastCheckpoint
      return silence
        >= (state.bytesSinceCheckpoint > 0 ? Self.checkpointSeconds : Self.silentSeconds)
    }
  }

  /// What the run has written so far.
  public var progress: WriterProgress {
    state.with {
      WriterProgress(
        newBytes: $0.newBytes, storedBytes: $0.storedBytes, packs: $0.packsWritten,
        bytesWritten: $0.bytesWritten)
    }
  }

  /// Stores everything that is open and names it in the index: W2's checkpoint and W3.
  ///
  /// - Parameter pending: the snapshot as far as it goes, its root stored already.
  public func checkpoint(_ pending: Snapshot) async throws {
    try await flush()
    try await writeSegments()
    try await announce(pending)
    let now = clocks.boot()
    state.with {
      $0.lastCheckpoint = now
      $0.bytesSinceCheckpoint = 0
    }
  }

  /// Closes all open packs and waits until every pack opened so far is stored.
  func flush() async throws {
    var full: [OpenPack] = []
    let number = state.with { state in
      for i in state.packs.indices { state.packs[i].closeAll(&full) }
      return state.lastNumber
    }
    for pack in full { try await finish(pack, nil) }
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      let isDone = state.with { state in
        if state.failure != nil || state.isDone(upTo: number) { return true }
        state.waiters.append((number, continuation))
        return false
      }
      if isDone { continuation.resume() }
    }
    if let failure = state.with({ $0.failure }) { throw failure }
  }

  /// PUTs index segments for all stored packs that have none; each holds its packs whole.
  func writeSegments() async throws {
    while true {
      let groups = state.with { state -> [IndexGroup] in
        var size = 0
        let fitting = state.groups.prefix { group in
          size += group.encodedByteCount
          return size <= IndexSegment.byteCountMax
        }
        return Array(fitting)
      }
      guard !groups.isEmpty else { break }
      try fence()
      var payload: [UInt8] = []
      for group in groups { group.append(to: &payload) }
      let id = try await repository.store.put(
        .index, payload, keys: keys, run: run, mirrored: false
      ).id
      state.with { state in
        state.groups.removeFirst(groups.count)
        state.ownPacks += groups.map(\.pack)
        state.view = state.view.adding(groups, segment: id)
        for group in groups {
          for record in group.records { state.own.remove(OwnBlob(group.kind, record.id)) }
        }
      }
    }
    // Before this line the journal names the packs, after it a durable segment does.
    try journal.indexed()
  }

  /// PUTs a pending object: W0 without a root, checkpoints and W3 with one.
  func announce(_ pending: Snapshot) async throws {
    try fence()
    let id = try await repository.store.put(
      .pending, pending.encoded(), keys: keys, run: run, mirrored: false
    ).id
    let now = clocks.boot()
    state.with {
      $0.pendings.append(id)
      $0.lastAnnounced = now
    }
  }

  /// W3 to W6: makes the snapshot exist.
  ///
  /// The root and everything below it must be stored. Nothing is reported before W5 returned.
  ///
  /// - Throws: ``RepositoryError`` `.blobsGone` when a collector took something that the snapshot
  ///   needs: then the run goes over its files again; it has the fresh view already.
  public func commit(_ snapshot: Snapshot, chain: WriterChain) async throws -> ObjectID {
    var pending = snapshot
    pending.partial = .unfinished
    try await checkpoint(pending)  // W3
    try await recheck()  // W4
    try fence()
    var snapshot = snapshot
    chain.fill(&snapshot)
    let payload = snapshot.encoded()
    let (id, bytes) = try await put(snapshot: payload, chain: chain)  // W5
    try chain.committed(id, hash: SHA256.hash(bytes))
    for pending in state.with({ $0.pendings }) {  // W6
      try? await repository.store.remove(ObjectKind.pending.name(of: pending))
    }
    journal.remove()
    return id
  }

  private func put(
    snapshot payload: [UInt8], chain: WriterChain
  ) async throws -> (ObjectID, [UInt8]) {
    let key = try ObjectKey(
      new: .snapshot, epoch: keys, suite: .aes256GCM, run: run,
      entropy: run.bytes + payload.prefix(64))
    let bytes = try SealedPayload.seal(payload, key: key, compressor: Compressor(level: 3))
    let id = key.header.id
    // Noted first: the next run sees whether this PUT arrived.
    try chain.committing(id, hash: SHA256.hash(bytes))
    let name = ObjectKind.snapshot.name(of: id)
    try await repository.store.write(ObjectBody(bytes), to: name, .create)
    if repository.configuration.metadataCopies > 1 {
      try await repository.store.write(ObjectBody(bytes), to: "mirror/" + name, .create)
    }
    return (id, bytes)
  }

  /// W4: everything counted on, and everything of this run, is known in a fresh view.
  private func recheck() async throws {
    let loader = repository.loader
    let listing = try await loader.listing()
    let view = state.with { $0.view }
    if listing.tombstones == view.tombstones, listing.segments.isSuperset(of: view.segments) {
      return
    }
    let fresh = try await loader.load()
    let relied = view.reliedIDs()
    let gone = relied.contains { id in
      !fresh.knows(id, in: .dataPack, relying: true)
        && !fresh.knows(id, in: .treePack, relying: true)
    }
    // Segments may be merged meanwhile; what counts is whether the packs are still known.
    let known = Set(fresh.packs.map(\.id))
    let ownGone = state.with { state in
      defer {
        state.view = fresh
        // The next pass looks up every blob again, those of this run too.
        state.ownPacks = []
      }
      return !state.ownPacks.allSatisfy(known.contains)
    }
    if gone || ownGone {
      throw RepositoryError(.blobsGone, "stored data was pruned while this backup ran")
    }
  }
}

/// What a run has written so far.
public struct WriterProgress: Sendable {
  /// Plaintext bytes that were new.
  public let newBytes: UInt64
  /// The same after compression.
  public let storedBytes: UInt64
  /// Packs.
  public let packs: Int
  /// Bytes of those packs.
  public let bytesWritten: UInt64
}
