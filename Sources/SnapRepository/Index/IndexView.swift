// SPDX-License-Identifier: Apache-2.0

public import SnapFormat

/// What one listing of tombstones and index segments says. Immutable.
///
/// A blob is *known* when a listed segment names it in a pack that no listed tombstone names.
/// Format: FORMAT.md, "Writer".
public final class IndexView: Sendable {
  /// The segments behind the rows.
  let segments: Set<ObjectID>
  let tombstones: Set<ObjectID>
  private let condemned: Set<ObjectID>
  private let runs: [TableRun]
  /// Segments or tombstones that cannot be read.
  public let damaged: [RepositoryError]

  init(
    segments: Set<ObjectID>, tombstones: Set<ObjectID>, condemned: Set<ObjectID>,
    runs: [TableRun], damaged: [RepositoryError]
  ) {
    self.segments = segments
    self.tombstones = tombstones
    self.condemned = condemned
    self.runs = runs
    self.damaged = damaged
  }

  /// An empty view.
  convenience init() {
    self.init(segments: [], tombstones: [], condemned: [], runs: [], damaged: [])
  }

  /// Blobs, copies counted each.
  public var blobCount: Int { runs.reduce(0) { $0 + $1.count } }

  /// All packs that are not condemned.
  public var packs: [PackInfo] {
    var seen = Set<ObjectID>()
    return runs.flatMap(\.packs).filter {
      !condemned.contains($0.id) && seen.insert($0.id).inserted
    }
  }

  /// Whether a pack of this name is indexed, condemned or not.
  func names(_ pack: ObjectID) -> Bool { runs.contains { $0.packs.contains { $0.id == pack } } }

  /// All copies of a blob, of one kind of pack.
  public func locations(of id: BlobID, in kind: ObjectKind) -> [BlobLocation] {
    var out: [BlobLocation] = []
    for run in runs {
      for row in run.range(of: id) {
        guard let location = run.location(row), location.pack.kind == kind,
          !condemned.contains(location.pack.id)
        else { continue }
        out.append(location)
      }
    }
    return out
  }

  /// Whether a blob is known; `relying` marks it as counted on by the running backup.
  public func knows(_ id: BlobID, in kind: ObjectKind, relying: Bool) -> Bool {
    for run in runs {
      for row in run.range(of: id) {
        guard let location = run.location(row), location.pack.kind == kind,
          !condemned.contains(location.pack.id)
        else { continue }
        if relying { run.rely(on: row) }
        return true
      }
    }
    return false
  }

  /// Everything that was marked.
  func reliedIDs() -> [BlobID] { runs.flatMap { $0.reliedIDs() } }

  /// Whether any tombstone names the pack.
  func condemns(_ pack: ObjectID) -> Bool { condemned.contains(pack) }

  /// This view and the packs of one more segment, which the caller has just written.
  func adding(_ groups: [IndexGroup], segment: ObjectID?) -> IndexView {
    var runs = runs
    let added = TableRun(groups: groups)
    // Small runs are joined so that a long backup does not look through many of them; the first is
    // the mapped file and stays as it is. Marks must not get lost, so joined runs keep theirs.
    runs.append(added)
    return IndexView(
      segments: segment.map { segments.union([$0]) } ?? segments, tombstones: tombstones,
      condemned: condemned, runs: runs, damaged: damaged)
  }
}
