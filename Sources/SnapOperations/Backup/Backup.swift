// SPDX-License-Identifier: Apache-2.0

public import SnapCatalogue
import SnapFiles
import SnapFormat
public import SnapRepository

/// Makes a snapshot: walk, compare, read, store, tree, commit.
///
/// The steps of the protocol (W0 to W6) are those of ``BlobWriter``; FORMAT.md, "Writer".
public struct Backup: Sendable {
  private let options: BackupOptions
  private let repository: Repository
  private let catalogue: Catalogue
  private let pool: WorkerPool
  private let clocks: Clocks
  private let events: EventSink

  /// A backup into `repository`.
  public init(
    _ options: BackupOptions, into repository: Repository, catalogue: Catalogue, pool: WorkerPool,
    clocks: Clocks = .system, events: @escaping EventSink
  ) {
    self.options = options
    self.repository = repository
    self.catalogue = catalogue
    self.pool = pool
    self.clocks = clocks
    self.events = events
  }

  /// Runs it.
  ///
  /// - Returns: what was saved, once the snapshot is committed.
  /// - Throws: `FileError` when a root cannot be found, ``RepositoryError``, `FormatError`.
  public func run() async throws -> BackupReport {
    for attempt in 1... {
      do {
        return try await runOnce()
      } catch let error as RepositoryError where error.code == .runExpired && attempt < 3 {
        // What the dead run stored and indexed is known to the next one.
        continue
      }
    }
    throw RepositoryError(.runExpired, "the run expired again and again")
  }

  private func runOnce() async throws -> BackupReport {
    var walker = try TreeWalker(roots: options.roots, options: options.walk)
    var draft = announcement(walker.roots)
    let writer = try await repository.beginRun(&draft, memory: options.memory, clocks: clocks)
    try await refill(walker.roots.map(\.path))
    for attempt in 1... {
      let pass = try BackupPass(
        options: options, repository: repository, writer: writer, catalogue: catalogue,
        pool: pool, clocks: clocks, events: events, draft: draft)
      var report = try await pass.run(&walker)
      do {
        return try await commit(&report, pass, writer)
      } catch let error as RepositoryError where error.code == .blobsGone && attempt < 5 {
        // Same path as an incremental backup: what is gone is read and stored again.
        walker = try TreeWalker(roots: options.roots, options: options.walk)
      }
    }
    throw RepositoryError(.blobsGone, "stored data was pruned again and again")
  }

  private func announcement(_ roots: [Root]) -> Snapshot {
    var draft = Snapshot()
    draft.start = clocks.wall()
    draft.host = options.host
    draft.user = options.user
    draft.paths = roots.map { [UInt8(ascii: "/")] + $0.path }
    draft.tags = options.tags
    draft.note = options.note
    draft.program = options.program
    draft.zoneMinutes = options.zoneMinutes
    draft.excludes = options.excludeTexts
    draft.chunker = repository.configuration.chunker
    return draft
  }

  /// Fills an empty catalogue from the newest snapshot of these roots, where the keys may read it.
  private func refill(_ roots: [[UInt8]]) async throws {
    guard !options.rescan, repository.ring.role != .writeOnly, catalogue.isEmpty(below: roots)
    else { return }
    let list = try await SnapshotList(repository)
    let wanted = Set(roots.map { [UInt8(ascii: "/")] + $0 })
    guard
      let parent = list.snapshots.last(where: {
        $0.snapshot.host == options.host && !wanted.isDisjoint(with: $0.snapshot.paths)
      }), let root = parent.snapshot.root
    else { return }
    // The catalogue only saves time: a tree that cannot be read means reading the files.
    try? await CatalogueRefill(repository: repository, catalogue: catalogue).run(root)
  }

  private func commit(
    _ report: inout BackupReport, _ pass: BackupPass, _ writer: BlobWriter
  ) async throws -> BackupReport {
    guard let places = repository.places else {
      throw RepositoryError(.localState, "no state folder")
    }
    let store = repository.store
    let chain = try await WriterChain(places: places) { id in
      try await store.list(.snapshot).contains { $0.id == id }
    }
    let id = try await writer.commit(report.snapshot, chain: chain)
    report.id = id
    report.bytesWritten = writer.progress.bytesWritten
    catalogue.setLastSnapshot(id.description, of: report.roots.map(\.stored))
    return report
  }
}
