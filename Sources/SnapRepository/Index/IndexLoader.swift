// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage

/// Reads tombstones, then index segments: in this order, which the safety of backups rests on.
struct IndexLoader: Sendable {
  let store: ObjectStore
  let ring: KeyRing
  /// The table's file; nil keeps everything in memory.
  let tablePath: String?

  /// A fresh view.
  ///
  /// - Throws: ``RepositoryError`` `.storage` when the storage fails.
  func load() async throws(RepositoryError) -> IndexView {
    // A collector may merge segments while they are read; then the listing is taken again.
    for _ in 0..<20 {
      if let view = try await attempt() { return view }
    }
    throw RepositoryError(.storage, "the index kept changing while it was read", object: "index/")
  }

  /// What two listings show, without reading: for the check before a commit.
  func listing() async throws(RepositoryError) -> (
    tombstones: Set<ObjectID>, segments: Set<ObjectID>
  ) {
    let gone = try await store.list(.tombstone).map(\.id)
    let segments = try await store.list(.index).map(\.id)
    return (Set(gone), Set(segments))
  }

  private func attempt() async throws(RepositoryError) -> IndexView? {
    var damaged: [RepositoryError] = []
    var condemned = Set<ObjectID>()
    let gone = try await store.list(.tombstone).map(\.id)
    for id in gone {
      do throws(RepositoryError) {
        let opened = try await store.open(.tombstone, id, ring: ring)
        do throws(FormatError) {
          let tombstone = try Tombstone(decoding: opened.payload)
          condemned.formUnion(tombstone.dataPacks)
          condemned.formUnion(tombstone.treePacks)
        } catch {
          damaged.append(RepositoryError(error, object: ObjectKind.tombstone.name(of: id)))
        }
      } catch {
        guard let known = try tolerate(error) else { return nil }
        damaged.append(known)
      }
    }
    let listed = Set(try await store.list(.index).map(\.id))
    var base = tablePath.flatMap(TableFile.load)
    if let loaded = base, !loaded.segments.isSubset(of: listed) { base = nil }
    var covered = base?.segments ?? []
    var groups: [IndexGroup] = []
    for id in listed.subtracting(covered).sorted() {
      do throws(RepositoryError) {
        let opened = try await store.open(.index, id, ring: ring)
        do throws(FormatError) {
          groups += try IndexSegment.decode(opened.payload)
          covered.insert(id)
        } catch { damaged.append(RepositoryError(error, object: ObjectKind.index.name(of: id))) }
      } catch {
        guard let known = try tolerate(error) else { return nil }
        damaged.append(known)
      }
    }
    let runs = merge(base?.run, groups, covered)
    return IndexView(
      segments: covered, tombstones: Set(gone), condemned: condemned, runs: runs,
      damaged: damaged)
  }

  /// nil: gone while it was read. Damage is kept as a finding; failing storage goes on up.
  private func tolerate(_ error: RepositoryError) throws(RepositoryError) -> RepositoryError? {
    if error.storage?.code == .notFound { return nil }
    if error.code == .storage { throw error }
    return error
  }

  private func merge(
    _ base: TableRun?, _ groups: [IndexGroup], _ covered: Set<ObjectID>
  ) -> [TableRun] {
    guard let base else {
      if groups.isEmpty { return [] }
      let run = TableRun(groups: groups)
      if let tablePath { TableFile.save(tablePath, segments: covered, run: run) }
      return [run]
    }
    if groups.isEmpty { return [base] }
    let added = groups.reduce(0) { $0 + $1.records.count }
    // Rewriting costs as much as the whole table: worth it once a quarter is new.
    guard added * 4 >= base.count || added >= 1 << 20, let tablePath else {
      return [base, TableRun(groups: groups)]
    }
    let run = TableRun(groups: groups, base: base)
    TableFile.save(tablePath, segments: covered, run: run)
    return [run]
  }
}
