// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapLock
import SnapTesting

@testable import SnapRepository

/// Files in memory by path.
typealias Files = [String: [UInt8]]

/// A backup of files that lie in memory, with small packs: the steps of a real one, on one thread.
struct MiniBackup {
  let repository: Repository
  let clocks: Clocks
  /// Bytes of a data or tree pack.
  var packTarget = 64 << 10
  /// Bytes of a chunk.
  var chunk = 16 << 10
  /// Checkpoint after so many files; 0 for none.
  var checkpointEvery = 0

  /// What a run did.
  struct Report {
    let id: ObjectID
    let run: RunID
    let isResumed: Bool
    /// Passes over the files.
    let passes: Int
    let progress: WriterProgress
  }

  func run(_ files: Files) async throws -> Report {
    let (writer, draft) = try await begin()
    return try await finish(writer, draft, files)
  }

  /// W0 and W1.
  func begin() async throws -> (writer: BlobWriter, draft: Snapshot) {
    var draft = Snapshot()
    draft.start = clocks.wall()
    draft.host = "host"
    draft.paths = [Array("/mini".utf8)]
    let writer = try await repository.beginRun(&draft, memory: 64 << 20, clocks: clocks)
    writer.state.with { state in
      state.packs = [
        OpenPacks(kind: .dataPack, target: packTarget),
        OpenPacks(kind: .treePack, target: packTarget),
      ]
    }
    return (writer, draft)
  }

  /// W2 to W6, from W2 again as long as a collector was faster.
  func finish(_ writer: BlobWriter, _ draft: Snapshot, _ files: Files) async throws -> Report {
    for pass in 1... {
      let snapshot = try await store(files, writer, draft)
      do {
        let id = try await commit(snapshot, writer)
        return Report(
          id: id, run: writer.run, isResumed: writer.isResumed, passes: pass,
          progress: writer.progress)
      } catch let error as RepositoryError where error.code == .blobsGone && pass < 5 { continue }
    }
    throw RepositoryError(.blobsGone, "again and again")
  }

  /// W3 to W6.
  func commit(_ snapshot: Snapshot, _ writer: BlobWriter) async throws -> ObjectID {
    guard let places = repository.places else { throw RepositoryError(.localState, "places") }
    let store = repository.store
    let chain = try await WriterChain(places: places) { id in
      try await store.list(.snapshot).contains { $0.id == id }
    }
    return try await writer.commit(snapshot, chain: chain)
  }

  /// One pass over the files, up to the stored root.
  func store(_ files: Files, _ writer: BlobWriter, _ draft: Snapshot) async throws -> Snapshot {
    guard let dedup = repository.ring.dedup else { throw RepositoryError(.notAllowed, "dedup") }
    let worker = try writer.worker()
    var tree = TreeBuilder(secrets: try dedup.chunkerSecrets())
    var snapshot = draft
    snapshot.run = writer.run
    let paths = files.keys.map { Array($0.utf8) }.sorted { TreePath.precedes($0, $1) }
    for (number, path) in paths.enumerated() {
      let bytes = files[String(decoding: path, as: UTF8.self)] ?? []
      var entry = Entry(path: path, mode: 0o100600)
      entry.size = UInt64(bytes.count)
      for start in stride(from: 0, to: bytes.count, by: chunk) {
        let part = Array(bytes[start..<min(start + chunk, bytes.count)])
        let blob = MetadataBlob(id: try worker.dataIDs.id(of: part), bytes: part)
        _ = try await writer.store(chunk: blob, worker: worker)
        entry.content.ids.append(blob.id)
        entry.content.lengths.append(UInt64(part.count))
      }
      for node in try tree.add(entry, ids: worker.treeIDs) {
        _ = try await writer.store(node, worker: worker)
      }
      if checkpointEvery > 0, (number + 1) % checkpointEvery == 0 {
        var copy = tree
        var pending = snapshot
        pending.partial = .unfinished
        pending.root = try await end(&copy, pending, writer, worker)
        try await writer.checkpoint(pending)
      }
    }
    snapshot.root = try await end(&tree, snapshot, writer, worker)
    return snapshot
  }

  private func end(
    _ tree: inout TreeBuilder, _ snapshot: Snapshot, _ writer: BlobWriter, _ worker: BlobWorker
  ) async throws -> TreeRoot {
    let (nodes, root) = try tree.finish(
      snapshotCopy: snapshot.encodedCopy(), ids: worker.treeIDs)
    for node in nodes { _ = try await writer.store(node, worker: worker) }
    return root
  }
}

/// Reads back what snapshots hold.
enum MiniRestore {
  /// The files of one snapshot, every blob opened and named again.
  static func files(_ id: ObjectID, _ repository: Repository) async throws -> Files {
    let list = try await SnapshotList(repository)
    guard let root = list.snapshots.first(where: { $0.id == id })?.snapshot.root else {
      throw RepositoryError(.missing, "snapshot \(id)")
    }
    let reader = BlobReader(repository)
    var tree = TreeReader(root, reader: reader)
    var files: Files = [:]
    while let entry = try await tree.next() {
      var bytes: [UInt8] = []
      for chunk in entry.content.ids { bytes += try await reader.chunk(chunk) }
      files[String(decoding: entry.path, as: UTF8.self)] = bytes
    }
    if let damage = reader.damage.first { throw damage }
    return files
  }

  /// All snapshots.
  static func all(_ repository: Repository) async throws -> [ObjectID: Files] {
    var out: [ObjectID: Files] = [:]
    for stored in try await SnapshotList(repository).snapshots {
      out[stored.id] = try await files(stored.id, repository)
    }
    return out
  }
}

/// Random files: two of each five share their content with another.
func sampleFiles(_ count: Int, bytes: Int, _ random: inout SeededRandom) -> Files {
  var files: Files = [:]
  for i in 0..<count {
    let twin = i % 5 == 4 ? files["d\((i - 2) % 3)/\(i - 2)"] : nil
    files["d\(i % 3)/\(i)"] = twin ?? random.bytes(bytes)
  }
  return files
}
