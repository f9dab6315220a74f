// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
import SnapStorage

/// A committed snapshot and its name.
public struct StoredSnapshot: Sendable {
  /// The object's name: the snapshot's id.
  public let id: ObjectID
  /// What it says.
  public let snapshot: Snapshot
  /// Server time, nanoseconds since 1970.
  public let stored: Int64
}

/// All snapshots that can be read, oldest first.
public struct SnapshotList: Sendable {
  /// Sorted by start.
  public let snapshots: [StoredSnapshot]
  /// Objects that cannot be read, or were read from their copy.
  public let damaged: [RepositoryError]

  /// Reads them all.
  ///
  /// - Throws: ``RepositoryError`` `.notAllowed` when the role cannot read snapshots, `.storage`.
  public init(_ repository: Repository) async throws(RepositoryError) {
    var snapshots: [StoredSnapshot] = []
    var damaged: [RepositoryError] = []
    let store = repository.store
    let originals = try await store.list(.snapshot)
    var listed = Dictionary(originals.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    // A snapshot whose original vanished is still whole under mirror/ – but a forgotten one is not
    // meant to come back: forget removes the copy first, so a copy alone means loss.
    for copy in try await store.listMirror(.snapshot) where listed[copy.id] == nil {
      listed[copy.id] = copy
      damaged.append(
        RepositoryError(
          .damaged, "an object is missing", object: ObjectKind.snapshot.name(of: copy.id)))
    }
    for (id, object) in listed.sorted(by: { $0.key < $1.key }) {
      let name = ObjectKind.snapshot.name(of: id)
      do throws(RepositoryError) {
        let opened = try await store.open(.snapshot, id, ring: repository.ring)
        if let problem = opened.damagedOriginal, !damaged.contains(where: { $0.object == name }) {
          damaged.append(problem)
        }
        do throws(FormatError) {
          let snapshot = try Snapshot(decoding: opened.payload, header: opened.header)
          snapshots.append(
            StoredSnapshot(id: id, snapshot: snapshot, stored: object.modified))
        } catch { throw RepositoryError(error, object: name) }
      } catch {
        // Gone between LIST and GET: forgotten meanwhile.
        if error.storage?.code == .notFound, !damaged.contains(where: { $0.object == name }) {
          continue
        }
        if error.code == .storage || error.code == .notAllowed { throw error }
        damaged.append(error)
      }
    }
    self.snapshots = snapshots.sorted { a, b in
      (a.snapshot.start, a.id) < (b.snapshot.start, b.id)
    }
    self.damaged = damaged
  }
}
