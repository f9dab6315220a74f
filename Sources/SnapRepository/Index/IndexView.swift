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
  /// Runs from here on hold this client's own new segments.
  private let ownStart: Int
  /// Segments or tombstones that cannot be read.
  public let damaged: [RepositoryError]

  init(
    segments: Set<ObjectID>, tombstones: Set<ObjectID>, condemned: Set<ObjectID>,
    runs: [TableRun], ownStart: Int? = nil, damaged: [RepositoryError]
  ) {
    self.segments = segments
    self.tombstones = tombstones
    self.condemned = condemned
    self.runs = runs
    self.ownStart = ownStart ?? runs.count
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

  /// All copies of a blob, of one kind of pack.
  ///
  /// Those in condemned packs come last: a pack that was condemned after a backup had made sure of
  /// it is kept by the next collector, and until then it can be read.
  public func locations(of id: BlobID, in kind: ObjectKind) -> [BlobLocation] {
    var out: [BlobLocation] = []
    var last: [BlobLocation] = []
    for run in runs {
      for row in run.range(of: id) {
        guard let location = run.location(row), location.pack.kind == kind else { continue }
        if condemned.contains(location.pack.id) {
          last.append(location)
        } else {
          out.append(location)
        }
      }
    }
    return out + last
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

  /// This view and the packs of one more segment, which the caller has just written; or, without a
  /// segment, packs whose directories were read.
  func adding(_ groups: [IndexGroup], segment: ObjectID?) -> IndexView {
    var own = Array(runs[ownStart...]) + [TableRun(groups: groups)]
    // A long backup must not look through hundreds of runs. Marks in its own are not needed: its
    // packs are checked by name, and no collector touches those of a living run.
    if own.count > Self.ownCountMax { own = [TableRun(merging: own)] }
    return IndexView(
      segments: segment.map { segments.union([$0]) } ?? segments, tombstones: tombstones,
      condemned: condemned, runs: runs[..<ownStart] + own, ownStart: ownStart, damaged: damaged)
  }

  private static let ownCountMax = 6
}
