// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapFiles
import SnapFormat
import SnapRepository

/// The state of one restore: collects entries into batches and carries them out.
final class RestoreSession {
  let reader: BlobReader
  private(set) var report = RestoreReport()
  private let repository: Repository
  private let target: TargetTree
  private let pool: WorkerPool
  private let metadata: MetadataOptions
  private let isContinued: Bool
  private let events: EventSink
  private let workers: Lending<FetchWorker>
  private var progress = OperationProgress()

  private var files: [RestoringFile] = []
  private var chunkCount = 0
  private var links: [(existing: [UInt8], entry: Entry, destination: [UInt8])] = []
  private var directories: [(entry: Entry, destination: [UInt8])] = []
  private var firstNames: [[UInt8]: FirstName] = [:]
  private var failedDestinations = Set<[UInt8]>()

  private struct FirstName {
    let destination: [UInt8]
    let fingerprint: [UInt8]
  }

  // A batch bounds the memory: entries, their chunk lists and open files.
  private static let fileCountMax = 20_000
  private static let chunkCountMax = 200_000

  init(
    repository: Repository, target: TargetTree, pool: WorkerPool, metadata: MetadataOptions,
    isContinued: Bool, events: @escaping EventSink, total: Snapshot.Statistics?
  ) {
    self.repository = repository
    self.target = target
    self.pool = pool
    self.metadata = metadata
    self.isContinued = isContinued
    self.events = events
    reader = BlobReader(repository)
    let ring = repository.ring
    workers = Lending { try FetchWorker(ring) }
    progress.filesTotal = total?.files
    progress.bytesTotal = total?.bytes
  }

  // MARK: collecting

  func add(_ entry: Entry, _ destination: [UInt8]) async throws {
    do {
      switch entry.kind {
      case .directory:
        try target.makeDirectory(destination)
        directories.append((entry, destination))
        report.directories += 1
      case .file: try await addFile(entry, destination)
      case .symlink, .fifo, .characterDevice, .blockDevice: try await addNode(entry, destination)
      default: try fail(FileError(path: entry.path, errno: ENOTSUP, doing: "make"))
      }
    } catch let error as FileError { try fail(error) }
    if files.count >= Self.fileCountMax || chunkCount >= Self.chunkCountMax { try await flush() }
  }

  private func addFile(_ entry: Entry, _ destination: [UInt8]) async throws {
    if let first = try firstName(of: entry, destination) {
      links.append((first, entry, destination))
      return
    }
    var entry = entry
    do {
      entry.content = try await reader.flattened(entry.content)
    } catch let error as RepositoryError where error.code == .damaged {
      damaged(entry, "\(error)", destination)
      return
    }
    if isContinued, try await keep(entry, destination) { return }
    let pieces = entry.content.ids.count { $0 != .hole }
    chunkCount += pieces
    files.append(RestoringFile(entry, at: destination, pieces: pieces))
  }

  /// The place of the inode's first name, if this is another name of the very same thing.
  private func firstName(of entry: Entry, _ destination: [UInt8]) throws -> [UInt8]? {
    guard !entry.hardlink.isEmpty else { return nil }
    var same = Entry(path: [120], mode: entry.mode)
    // Not ctime: one name of a young file may have been read without it.
    (same.mtime, same.uid, same.gid) = (entry.mtime, entry.uid, entry.gid)
    (same.size, same.content, same.target) = (entry.size, entry.content, entry.target)
    (same.rdevMajor, same.rdevMinor) = (entry.rdevMajor, entry.rdevMinor)
    let fingerprint = try SHA256.hash(same.encodedWithoutPath())
    guard let first = firstNames[entry.hardlink] else {
      firstNames[entry.hardlink] = FirstName(destination: destination, fingerprint: fingerprint)
      return nil
    }
    return first.fingerprint == fingerprint ? first.destination : nil
  }

  private func addNode(_ entry: Entry, _ destination: [UInt8]) async throws {
    if let first = try firstName(of: entry, destination) {
      links.append((first, entry, destination))
      return
    }
    if isContinued, try target.status(destination) != nil { try target.remove(destination) }
    if entry.kind == .symlink {
      try target.makeSymlink(destination, target: entry.target)
    } else {
      try target.makeNode(destination, entry)
    }
    report.others += 1
    let xattrs = try await attributes(of: entry)
    lost(try target.apply(entry, xattrs: xattrs, at: destination, options: metadata))
  }

  // MARK: an interrupted restore

  /// Keeps a file that is complete already: every chunk is read back and named again.
  private func keep(_ entry: Entry, _ destination: [UInt8]) async throws -> Bool {
    guard let status = try target.status(destination) else { return false }
    if status.kind == .file, status.size == entry.size, try matches(entry, destination) {
      lost(
        try target.apply(
          entry, xattrs: try await attributes(of: entry), at: destination, options: metadata))
      report.kept += 1
      finished(entry)
      return true
    }
    if status.kind != .directory { try target.remove(destination) }
    return false
  }

  private func matches(_ entry: Entry, _ destination: [UInt8]) throws -> Bool {
    guard let dedup = repository.ring.dedup else { return false }
    let file = try target.open(destination)
    let ids = try dedup.dataIDs()
    if !entry.content.inline.isEmpty {
      return try Self.read(file, at: 0, entry.content.inline.count) == entry.content.inline
    }
    var offset: UInt64 = 0
    for (id, length) in zip(entry.content.ids, entry.content.lengths) {
      if id == .hole {
        var done: UInt64 = 0
        while done < length {
          let part = try Self.read(file, at: offset + done, Int(min(length - done, 1 << 20)))
          guard let part, part.allSatisfy({ $0 == 0 }) else { return false }
          done += UInt64(part.count)
        }
      } else {
        guard let part = try Self.read(file, at: offset, Int(length)),
          try ids.id(of: part) == id
        else { return false }
      }
      offset += length
    }
    return true
  }

  private static func read(
    _ file: ExistingFile, at offset: UInt64, _ count: Int
  ) throws -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe try bytes.withUnsafeMutableBytes { unsafe try file.read(into: $0, at: offset) }
    return got == count ? bytes : nil
  }

  // MARK: carrying out

  /// Restores all collected files, then the links to them.
  func flush() async throws {
    let batch = files
    let pending = links
    files = []
    links = []
    chunkCount = 0
    try await restoreContent(batch)
    for file in batch {
      switch file.failure {
      case .damaged(let reason): damaged(file.entry, reason, file.destination)
      case .local(let error): try fail(error, at: file.destination)
      case nil: finished(file.entry)
      }
    }
    for link in pending { try await makeLink(link.existing, link.entry, link.destination) }
  }

  private func makeLink(
    _ existing: [UInt8], _ entry: Entry, _ destination: [UInt8]
  ) async throws {
    guard !failedDestinations.contains(existing) else {
      damaged(entry, "the file it is another name of is damaged", destination)
      return
    }
    do throws(FileError) {
      if isContinued, try target.status(destination) != nil { try target.remove(destination) }
      try target.makeHardLink(existing: existing, destination)
      finished(entry)
    } catch {
      guard [EMLINK, EPERM, EXDEV].contains(error.errno), entry.kind == .file else {
        try fail(error)
        return
      }
      var entry = entry
      entry.hardlink = []
      try await addFile(entry, destination)
    }
  }

  private func restoreContent(_ batch: [RestoringFile]) async throws {
    var jobs = try await plan(batch)
    var simple = batch.filter { file in file.entry.content.ids.allSatisfy { $0 == .hole } }[...]
    let context = FetchContext(
      repository: repository, target: target, reader: reader, metadata: metadata)
    let workers = workers
    jobs.reverse()
    try await mapInOrder(
      on: pool, width: 4 * pool.count,
      next: {
        if !simple.isEmpty {
          let part = simple.prefix(64)
          simple = simple.dropFirst(64)
          return .task(FetchContext.Job.simple(Array(part)))
        }
        return jobs.popLast().map { .task(FetchContext.Job.fetch($0)) }
      },
      transform: { (job: FetchContext.Job) -> FetchContext.Outcome in
        let worker = try workers.take()
        defer { workers.giveBack(worker) }
        return try await context.run(job, worker)
      },
      emit: { (outcome: FetchContext.Outcome) in
        for loss in outcome.losses { self.lost([loss]) }
        self.progress.bytes += outcome.bytes
        self.progress.path = outcome.path
        self.events(.progress(self.progress))
      })
  }

  /// Wanted blobs by pack, each once.
  private func plan(_ batch: [RestoringFile]) async throws -> [FetchJob] {
    var wanted: [ObjectID: (pack: PackInfo, blobs: [UInt32: WantedBlob])] = [:]
    for file in batch {
      var offset: UInt64 = 0
      for (id, length) in zip(file.entry.content.ids, file.entry.content.lengths) {
        defer { offset += length }
        if id == .hole { continue }
        do {
          let places = try await reader.locations(of: id, in: .dataPack)
          guard let place = places.first(where: { UInt64($0.record.rawCount) == length }) else {
            throw RepositoryError(.damaged, "length of a blob", object: id.description)
          }
          let use = BlobUse(file: file, offset: offset)
          let new = WantedBlob(record: place.record, offset: place.offset, uses: [])
          wanted[place.pack.id, default: (place.pack, [:])]
            .blobs[place.offset, default: new].uses.append(use)
        } catch let error as RepositoryError where error.code == .damaged {
          file.fail(.damaged("\(error)"))
        }
      }
    }
    return wanted.values.sorted { $0.pack.id < $1.pack.id }.flatMap { element in
      FetchJob.split(element.pack, Array(element.blobs.values))
    }
  }

  // MARK: the end

  /// Directories get their metadata last, the deepest first: making files changes their times.
  func finishDirectories() async throws {
    for (entry, destination) in directories.reversed() {
      do {
        let xattrs = try await attributes(of: entry)
        lost(try target.apply(entry, xattrs: xattrs, at: destination, options: metadata))
      } catch let error as FileError { try fail(error) }
    }
    report.repaired = reader.damage
  }

  /// The attributes that can be read; one that is lost is named, and costs no more than itself.
  private func attributes(of entry: Entry) async throws -> [RestoredXattr] {
    var out: [RestoredXattr] = []
    for attribute in entry.xattrs {
      do {
        out.append(try await FetchContext.restored(attribute, reader))
      } catch let error as RepositoryError where error.code == .damaged {
        report.damaged.append(DamagedFile(path: entry.path, reason: "an attribute: \(error)"))
      }
    }
    return out
  }

  /// Notes that part of the tree below `path` is lost.
  func lostNode(in path: [UInt8], _ error: RepositoryError) {
    report.damaged.append(DamagedFile(path: path, reason: "a part of the tree: \(error)"))
  }

  private func finished(_ entry: Entry) {
    guard entry.kind == .file else {
      report.others += 1
      return
    }
    report.files += 1
    report.bytes += entry.size
    progress.files += 1
    events(.progress(progress))
  }

  private func damaged(_ entry: Entry, _ reason: String, _ destination: [UInt8]) {
    failedDestinations.insert(destination)
    report.damaged.append(DamagedFile(path: entry.path, reason: reason))
  }

  /// Notes an entry that cannot be made; a full or failing disk ends the restore.
  private func fail(_ error: FileError, at destination: [UInt8]? = nil) throws {
    if [ENOSPC, EDQUOT, EIO, EROFS].contains(error.errno) { throw error }
    if let destination { failedDestinations.insert(destination) }
    report.problems.append(error)
    events(.problem(error))
  }

  private func lost(_ losses: [MetadataLoss]) {
    for loss in losses { report.losses[loss, default: 0] += 1 }
  }
}
