// SPDX-License-Identifier: Apache-2.0

import SnapRepository

@testable import SnapFormat

/// Commits snapshots whose trees no backup would make: what an attacker with keys can do.
struct RawSnapshot {
  let bench: OperationBench
  let repository: Repository
  /// What the snapshot says was backed up.
  var paths: [[UInt8]] = [Array("/source".utf8)]

  /// An entry of a regular file whose content stands in it.
  static func file(_ path: String, _ text: String = "content") -> Entry {
    var entry = Entry(path: Array(path.utf8), mode: 0o100644)
    entry.content.inline = Array(text.utf8)
    entry.size = UInt64(text.utf8.count)
    return entry
  }

  /// An entry of a symbolic link.
  static func link(_ path: String, _ target: String) -> Entry {
    var entry = Entry(path: Array(path.utf8), mode: 0o120777)
    entry.target = Array(target.utf8)
    return entry
  }

  /// An entry of a directory.
  static func directory(_ path: String, mode: UInt32 = 0o755) -> Entry {
    Entry(path: Array(path.utf8), mode: 0o040000 | mode)
  }

  /// Commits a snapshot of these entries, in this order, whatever it is; `chunks` are stored, too.
  func commit(_ entries: [Entry], chunks: [[UInt8]] = []) async throws -> ObjectID {
    var draft = Snapshot()
    draft.start = FileTime(seconds: 1_700_000_000)
    draft.host = "host"
    draft.paths = paths
    let writer = try await repository.beginRun(
      &draft, memory: 64 << 20, clocks: OperationBench.clocks)
    let worker = try writer.worker()
    for chunk in chunks {
      let blob = MetadataBlob(id: try worker.dataIDs.id(of: chunk), bytes: chunk)
      _ = try await writer.store(chunk: blob, worker: worker)
    }
    draft.run = writer.run
    var node = MessageWriter()
    var previous: [UInt8] = []
    for entry in entries {
      node.element(2, entry.encoded(after: previous))
      previous = entry.path
    }
    node.data(4, draft.encodedCopy())
    let root = MetadataBlob(id: try worker.treeIDs.id(of: node.bytes), bytes: node.bytes)
    _ = try await writer.store(root, worker: worker)
    draft.root = TreeRoot(id: root.id, level: 0)
    let places = try required(repository.places)
    let chain = try await WriterChain(places: places) { _ in false }
    return try await writer.commit(draft, chain: chain)
  }
}
