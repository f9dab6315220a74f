// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting

@testable import SnapRepository

/// What a collector does to a repository, step by step and in its order.
/// Format: FORMAT.md, "Collector".
struct TestCollector {
  private let bench: Bench
  private let store: ObjectStore

  init(_ bench: Bench) {
    self.bench = bench
    store = ObjectStore(bench.backend)
  }

  private func keys() throws -> EpochKeys {
    guard let keys = bench.ring.epochs.last else { throw RepositoryError(.notAllowed, "keys") }
    return keys
  }

  /// P5: condemns data or tree packs; gives the tombstone.
  @discardableResult
  func condemn(_ packs: [ObjectID], trees: [ObjectID] = []) async throws -> ObjectID {
    let tombstone = Tombstone(run: try .random(), dataPacks: packs, treePacks: trees, time: 1)
    return try await store.put(
      .tombstone, tombstone.encoded(), keys: keys(), run: .none, mirrored: false
    ).id
  }

  /// The groups of all segments, and the segments.
  func segments() async throws -> (groups: [IndexGroup], ids: [ObjectID]) {
    var groups: [IndexGroup] = []
    var ids: [ObjectID] = []
    for object in try await store.list(.index) {
      let opened = try await store.open(.index, object.id, ring: bench.ring)
      groups += try IndexSegment.decode(opened.payload)
      ids.append(object.id)
    }
    return (groups, ids)
  }

  /// P6a: one segment in place of all, without the swept packs.
  func putSegment(_ groups: [IndexGroup]) async throws {
    guard !groups.isEmpty else { return }
    var payload: [UInt8] = []
    for group in groups { group.append(to: &payload) }
    _ = try await store.put(.index, payload, keys: keys(), run: .none, mirrored: false)
  }

  /// P6b and P6d.
  func remove(_ kind: ObjectKind, _ ids: [ObjectID]) async throws {
    for id in ids { try await store.remove(kind.name(of: id)) }
  }

  /// P6c: copies first.
  func sweep(_ groups: [IndexGroup]) async throws {
    for group in groups {
      let name = group.kind.name(of: group.pack)
      if group.kind.isMirrored { try await store.remove("mirror/" + name) }
      try await store.remove(name)
    }
  }

  /// Whether a run has a pending root: then its blobs are used, and P3 sweeps none of them.
  func seesPendingRoot() async throws -> Bool {
    for object in try await store.list(.pending) {
      let opened = try await store.open(.pending, object.id, ring: bench.ring)
      if try Snapshot(decoding: opened.payload).root != nil { return true }
    }
    return false
  }

  /// Merges all segments into one, as P6a does with small ones.
  func mergeSegments() async throws {
    let (groups, ids) = try await segments()
    guard ids.count > 1 else { return }
    try await putSegment(groups)
    try await remove(.index, ids)
  }

  /// Forgets a snapshot: the copy first.
  func forget(_ id: ObjectID) async throws {
    let name = ObjectKind.snapshot.name(of: id)
    try await store.remove("mirror/" + name)
    try await store.remove(name)
  }
}
