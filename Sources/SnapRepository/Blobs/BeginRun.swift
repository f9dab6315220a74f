// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
import SnapLock
import SnapStorage

extension Repository {
  /// Begins a run, or takes up one that died on this computer: W0 and W1 of FORMAT.md, "Writer".
  ///
  /// - Parameters:
  ///   - announcement: host, user, paths, start and program of the run; its run id is filled in.
  ///   - memory: bytes for buffers and tables; packs are at most an eighth of it.
  /// - Throws: ``RepositoryError`` `.notAllowed`, `.damaged` when no settings are known,
  ///   `.storage`.
  public func beginRun(
    _ announcement: inout Snapshot, memory: Int, clocks: Clocks
  ) async throws -> BlobWriter {
    guard canWrite, let keys = ring.epochs.last else {
      throw configurationProblem
        ?? RepositoryError(.damaged, "the repository's settings are missing", object: "conf/")
    }
    guard ring.dedup != nil else {
      throw RepositoryError(.notAllowed, "the first recovery key is needed to add to it")
    }
    guard let places else { throw RepositoryError(.localState, "no state folder") }
    // The fence counts from before W0: loading the index may take long, or a lid may be closed.
    let begun = clocks.boot()
    let dead = RunJournal.dead(in: places.journals)
    var revived: Revived?
    for (file, remains) in dead {
      if revived == nil, let taken = try await revive(file, remains, &announcement, keys, places) {
        revived = taken
      } else {
        // Its packs are unreferenced; a collector takes them after the run has expired.
        LocalFiles.remove(file.path)
      }
    }
    if revived == nil {
      announcement.run = try RunID.random()
      announcement.partial = .unfinished
      let journal = try RunJournal(new: announcement.run, folder: places.journals)
      let pending = try await announce(announcement, keys)
      revived = Revived(journal: journal, packs: [], pendings: [pending])
    }
    guard let revived else { throw RepositoryError(.localState, "no journal") }
    let view = try await reloadIndex()
    let target = min(Int(configuration.dataPackTarget), max(memory / 8, 4 << 20))
    let state = WriterState(
      view: view, dataTarget: target, treeTarget: min(Int(configuration.treePackTarget), target),
      now: begun)
    let writer = BlobWriter(
      repository: self, run: revived.journal.run, keys: keys, journal: revived.journal,
      clocks: clocks, isResumed: !revived.packs.isEmpty, state: state)
    writer.state.with { $0.pendings = revived.pendings }
    if !revived.packs.isEmpty {
      writer.state.with { $0.groups = revived.packs }
      try await writer.writeSegments()
    }
    return writer
  }

  /// A run that goes on: its journal, the packs that still need a segment, its pending objects.
  private struct Revived {
    let journal: RunJournal
    let packs: [IndexGroup]
    let pendings: [ObjectID]
  }

  private func announce(_ announcement: Snapshot, _ keys: EpochKeys) async throws -> ObjectID {
    try await store.put(
      .pending, announcement.encoded(), keys: keys, run: announcement.run, mirrored: false
    ).id
  }

  /// "Resume after a crash" of FORMAT.md, "Writer"; nil when the run is dead.
  private func revive(
    _ file: LockedFile, _ remains: RunJournal.Remains, _ announcement: inout Snapshot,
    _ keys: EpochKeys, _ places: LocalPlaces
  ) async throws -> Revived? {
    let before = try await pendings(of: remains.run)
    guard let last = before.map(\.modified).max() else { return nil }
    var announcement2 = announcement
    announcement2.run = remains.run
    announcement2.partial = .unfinished
    let own = try await announce(announcement2, keys)
    let after = try await pendings(of: remains.run)
    guard let now = after.first(where: { $0.id == own })?.modified,
      now - last < 24 * 3600 * 1_000_000_000
    else { return nil }
    let condemned = try await loader.load()
    var packs: [IndexGroup] = []
    for (group, isSynced) in remains.packs {
      guard !condemned.condemns(group.pack),
        try await isStored(group, mustRead: !isSynced && !remains.sameBoot)
      else { continue }
      packs.append(group)
    }
    // The journal is written anew only now: a second crash finds the old one.
    let journal = try RunJournal(continuing: file, run: remains.run)
    for group in packs { try journal.add(group) }
    announcement = announcement2
    return Revived(journal: journal, packs: packs, pendings: after.map(\.id))
  }

  private func isStored(_ group: IndexGroup, mustRead: Bool) async throws -> Bool {
    let name = group.kind.name(of: group.pack)
    var names = [name]
    if group.kind.isMirrored, configuration.metadataCopies > 1 { names.append("mirror/" + name) }
    for name in names {
      guard let info = try await store.head(name), UInt64(info.size) == group.length else {
        return false
      }
      if mustRead {
        guard let bytes = try? await store.read(name), (try? ObjectTail.check(bytes)) != nil else {
          return false
        }
      }
    }
    return true
  }

  /// The pending objects of a run.
  private func pendings(of run: RunID) async throws -> [ListedObject] {
    var out: [ListedObject] = []
    for object in try await store.list(.pending) {
      let name = ObjectKind.pending.name(of: object.id)
      guard let head = try? await store.read(name, 0..<ObjectHeader.byteCount),
        let header = try? ObjectHeader(decoding: head[...]), header.run == run
      else { continue }
      out.append(object)
    }
    return out
  }
}
