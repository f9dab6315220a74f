// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFiles
import SnapFormat
import SnapRepository

/// One pass of a backup over all files, up to the tree whose root is stored.
final class BackupPass {
  private let options: BackupOptions
  private let repository: Repository
  private let writer: BlobWriter
  private let catalogue: Catalogue
  private let pool: WorkerPool
  private let clocks: Clocks
  private let events: EventSink
  private let draft: Snapshot

  private let saver: FileSaver
  private let workers: Lending<SaveWorker>
  private let own: BlobWorker
  private let dedup: DedupKeys
  private var tree: TreeBuilder
  private var join: ParentJoin
  private var statistics = Snapshot.Statistics()
  private var progress = OperationProgress()
  private var owners = OwnerTable()
  private var hardlinks: [FileKey: [UInt8]] = [:]
  private var rows: CatalogueWriter
  private var problems: [FileError] = []
  private var problemCount = 0
  private var changing: [[UInt8]] = []
  private var unchanged: UInt64 = 0
  private let total = BackupCount()

  private struct FileKey: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  /// One thing for a thread: files whose content or metadata must be read, and those between them.
  private struct Batch: Sendable {
    var items: [Item] = []
    var bytes: UInt64 = 0
    var hasWork = false
  }

  private enum Item: Sendable {
    case unchanged(SavedEntry)
    case read(FoundEntry, hardlink: [UInt8], wasKnown: Bool)
  }

  private static let batchCount = 128
  private static let batchBytes: UInt64 = 1 << 20

  init(
    options: BackupOptions, repository: Repository, writer: BlobWriter, catalogue: Catalogue,
    pool: WorkerPool, clocks: Clocks, events: @escaping EventSink, draft: Snapshot
  ) throws {
    guard let dedup = repository.ring.dedup else {
      throw RepositoryError(.notAllowed, "the first recovery key is needed")
    }
    self.options = options
    self.repository = repository
    self.writer = writer
    self.catalogue = catalogue
    self.pool = pool
    self.clocks = clocks
    self.events = events
    self.draft = draft
    self.dedup = dedup
    let secrets = try dedup.chunkerSecrets()
    let settings = repository.configuration.chunker
    let chunker = try Chunker(settings, secrets, kernel: options.kernel)
    saver = FileSaver(
      writer: writer, chunker: chunker, inlineLimit: Int(repository.configuration.inlineLimit),
      clocks: clocks)
    workers = Lending { try SaveWorker(writer, maximumChunk: settings.maximum) }
    own = try writer.worker()
    tree = TreeBuilder(secrets: secrets)
    join = ParentJoin(catalogue, below: [])
    rows = catalogue.writer()
  }

  func run(_ walker: inout TreeWalker) async throws -> BackupReport {
    let roots = walker.roots
    join = ParentJoin(catalogue, below: options.rescan ? [] : roots.map(\.path))
    let (saver, workers) = (saver, workers)
    if options.countFirst { total.start(options) }
    defer { total.stop() }
    try await mapInOrder(
      on: pool, width: 4 * pool.count,
      next: { try self.nextBatch(&walker) },
      transform: { batch in
        let worker = try workers.take()
        defer { workers.giveBack(worker) }
        return try await Self.save(batch, saver, worker)
      },
      emit: { try await self.emit($0) })
    join.finish()
    rows.remove(join.removed)
    rows.finish()
    let snapshot = try await finish()
    return BackupReport(
      id: nil, snapshot: snapshot,
      left: walker.counts, problems: problems, problemCount: problemCount, changing: changing,
      unchangedFiles: unchanged, removed: UInt64(join.removed.count), bytesWritten: 0,
      roots: roots.map { ($0.requested, $0.path) }, isResumed: writer.isResumed)
  }

  // MARK: the source

  private func nextBatch(_ walk: inout TreeWalker) throws -> Work<Batch, [SavedEntry]>? {
    var batch = Batch()
    while batch.items.count < Self.batchCount, batch.bytes < Self.batchBytes {
      guard let event = walk.next() else { break }
      switch event {
      case .problem(let error): note(error)
      case .entry(let found): add(found, to: &batch)
      }
    }
    if batch.items.isEmpty { return nil }
    if batch.hasWork { return .task(batch) }
    return .done(
      batch.items.compactMap { item in
        if case .unchanged(let saved) = item { return saved }
        return nil
      })
  }

  private func add(_ found: FoundEntry, to batch: inout Batch) {
    let hardlink = hardlinkTag(found)
    let old = join.match(found.path)
    if !options.rescan, let old, ParentJoin.isUnchanged(old, found),
      writer.knowsAll(old.entry.content.ids, in: .dataPack),
      old.entry.xattrs.allSatisfy({ writer.knowsAll($0.content.ids, in: .dataPack) })
    {
      var entry = old.entry
      entry.hardlink = hardlink
      batch.items.append(
        .unchanged(
          SavedEntry(
            entry: entry, unfolded: entry.content,
            identity: (found.status.device, found.status.inode), links: found.status.links,
            outcome: .unchanged)))
      return
    }
    batch.hasWork = true
    batch.bytes += Entry.Kind(mode: found.status.mode) == .file ? found.status.size : 0
    batch.items.append(.read(found, hardlink: hardlink, wasKnown: old != nil))
  }

  private func hardlinkTag(_ found: FoundEntry) -> [UInt8] {
    guard found.status.links > 1, Entry.Kind(mode: found.status.mode) != .directory else {
      return []
    }
    let key = FileKey(device: found.status.device, inode: found.status.inode)
    if let tag = hardlinks[key] { return tag }
    // A tag that cannot be computed only costs the link, not the file.
    let tag = (try? dedup.hardlinkTag(firstPath: found.path)) ?? []
    hardlinks[key] = tag
    return tag
  }

  // MARK: on the threads

  private static func save(
    _ batch: Batch, _ saver: FileSaver, _ worker: SaveWorker
  ) async throws -> [SavedEntry] {
    var out: [SavedEntry] = []
    out.reserveCapacity(batch.items.count)
    for item in batch.items {
      switch item {
      case .unchanged(let saved): out.append(saved)
      case .read(let found, let hardlink, let wasKnown):
        var saved = try await saver.save(found, worker: worker)
        saved.entry.hardlink = hardlink
        if wasKnown, saved.outcome == .new { saved.outcome = .changed }
        out.append(saved)
      }
    }
    return out
  }

  // MARK: in order again

  private func emit(_ batch: [SavedEntry]) async throws {
    for saved in batch { try await emit(saved) }
    progress.sent = writer.progress.bytesWritten
    if progress.filesTotal == nil, let totals = total.totals {
      progress.filesTotal = totals.files
      progress.bytesTotal = totals.bytes
    }
    events(.progress(progress))
    if writer.isCheckpointDue { try await checkpoint() }
  }

  private func emit(_ saved: SavedEntry) async throws {
    for problem in saved.problems { note(problem) }
    guard saved.outcome != .failed else {
      statistics.errors += 1
      return
    }
    var entry = saved.entry
    count(saved)
    if saved.outcome == .unchanged {
      let (folded, lists) = try ListBuilder.fold(entry.content, ids: own.treeIDs)
      for list in lists { _ = try await writer.store(list, worker: own) }
      entry.content = folded
    }
    for node in try tree.add(entry, ids: own.treeIDs) {
      _ = try await writer.store(node, worker: own)
    }
    if entry.note.contains(.changedWhileRead) { changing.append(entry.path) }
    if saved.outcome != .unchanged, !saved.isRacy, !entry.note.contains(.changedWhileRead) {
      var row = entry
      row.content = saved.unfolded
      rows.put(
        CataloguedEntry(
          entry: row,
          identity: SnapCatalogue.FileIdentity(
            device: saved.identity.device, inode: saved.identity.inode),
          links: saved.links))
    }
  }

  private func count(_ saved: SavedEntry) {
    owners.see(saved.entry)
    progress.path = saved.entry.path
    switch saved.entry.kind {
    case .file:
      statistics.files += 1
      statistics.bytes += saved.entry.size
      progress.files += 1
      progress.bytes += saved.entry.size
      switch saved.outcome {
      case .new: statistics.newFiles += 1
      case .changed: statistics.changedFiles += 1
      default: unchanged += 1
      }
    case .directory: statistics.directories += 1
    default: statistics.others += 1
    }
  }

  private func note(_ error: FileError) {
    problemCount += 1
    if problems.count < 1000 { problems.append(error) }
    events(.problem(error))
  }

  private func checkpoint() async throws {
    var copy = tree
    var pending = described(partial: .unfinished)
    let (nodes, root) = try copy.finish(snapshotCopy: pending.encodedCopy(), ids: own.treeIDs)
    for node in nodes { _ = try await writer.store(node, worker: own) }
    pending.root = root
    try await writer.checkpoint(pending)
    rows.finish()
  }

  private func described(partial: Snapshot.Partial) -> Snapshot {
    var snapshot = draft
    snapshot.run = writer.run
    snapshot.end = UInt64(max(0, clocks.wall().seconds))
    statistics.newBytes = writer.progress.newBytes
    statistics.storedBytes = writer.progress.storedBytes
    snapshot.statistics = statistics
    snapshot.owners = owners.names()
    snapshot.partial = partial
    return snapshot
  }

  private func finish() async throws -> Snapshot {
    let isWhole = problemCount == 0 && changing.isEmpty
    var snapshot = described(partial: isWhole ? .whole : .unreadableFiles)
    let (nodes, root) = try tree.finish(snapshotCopy: snapshot.encodedCopy(), ids: own.treeIDs)
    for node in nodes { _ = try await writer.store(node, worker: own) }
    snapshot.root = root
    return snapshot
  }
}
