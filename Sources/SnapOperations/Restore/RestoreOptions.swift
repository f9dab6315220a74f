// SPDX-License-Identifier: Apache-2.0

public import SnapFiles
import SnapFormat
public import SnapRepository

/// What to restore, and where to.
public struct RestoreOptions: Sendable {
  /// The snapshot.
  public var snapshot: StoredSnapshot
  /// One file or folder inside, as stored (no leading '/'); empty for everything.
  public var path: [UInt8]
  /// The folder that receives it.
  public var target: String
  /// Owners and attributes.
  public var metadata: MetadataOptions

  /// A restore of all or part of a snapshot.
  public init(
    snapshot: StoredSnapshot, path: [UInt8] = [], target: String,
    metadata: MetadataOptions = MetadataOptions()
  ) {
    self.snapshot = snapshot
    self.path = path
    self.target = target
    self.metadata = metadata
  }
}

/// What a restore did.
public struct RestoreReport: Sendable {
  /// Regular files restored.
  public var files: UInt64 = 0
  /// Their bytes.
  public var bytes: UInt64 = 0
  /// Directories.
  public var directories: UInt64 = 0
  /// Links, pipes, devices.
  public var others: UInt64 = 0
  /// Regular files that an interrupted restore had finished, read again and found good.
  public var kept: UInt64 = 0
  /// Files whose content is damaged in the repository: not restored.
  public var damaged: [DamagedFile] = []
  /// Entries that could not be made here.
  public var problems: [FileError] = []
  /// What could not be set, and how often.
  public var losses: [MetadataLoss: UInt64] = [:]
  /// Damage that was worked around, by object.
  public var repaired: [RepositoryError] = []
  /// Nothing.
  public init() {}
}

/// A file that cannot be restored, and why.
public struct DamagedFile: Sendable {
  /// The path in the snapshot.
  public var path: [UInt8]
  /// The object at fault, or the reason.
  public var reason: String
}

/// Says that the target is not empty.
public struct RestoreConflict: Error, Sendable {
  /// The target.
  public let target: String
  /// Some names in it.
  public let isOtherSnapshot: Bool
}

/// Where the parts of a snapshot go below the target. Pure.
public struct RestorePlan: Sendable, Equatable {
  /// One file or folder of the tree and its place.
  public struct Part: Sendable, Equatable {
    /// The path in the tree; empty for everything.
    public var source: [UInt8]
    /// The path below the target; empty for the target itself.
    public var destination: [UInt8]
  }

  /// The parts, in path order of their sources.
  public var parts: [Part]

  /// Every backed-up root by its last component; roots whose places would be the same, or one
  /// inside the other, keep as many parents as tell them apart; the root `/` is the target itself.
  /// With `path`, that one alone.
  public init(roots: [[UInt8]], path: [UInt8]) {
    if !path.isEmpty {
      parts = [Part(source: path, destination: TreePath.name(path))]
      return
    }
    var stored = Set(roots.map { root in Array(root.drop { $0 == UInt8(ascii: "/") }) })
      .sorted { TreePath.precedes($0, $1) }
    // A root inside another comes with that one.
    let all = stored
    stored.removeAll { root in all.contains { $0 != root && TreePath.contains($0, root) } }
    let names = Self.places(stored.map { $0.split(separator: UInt8(ascii: "/")) })
    parts = zip(stored, names).map { Part(source: $0, destination: $1) }
    parts.sort { TreePath.precedes($0.source, $1.source) }
  }

  /// Places of roots, given by their components, none of which is or lies inside another.
  private static func places(_ roots: [[ArraySlice<UInt8>]]) -> [[UInt8]] {
    var depths = [Int](repeating: 1, count: roots.count)
    while true {
      let names = zip(roots, depths).map { root, depth in
        Array(root.suffix(depth).joined(separator: [UInt8(ascii: "/")]))
      }
      // Whoever meets another keeps one parent more: whole paths of roots never meet.
      let meeting = roots.indices.filter { i in
        depths[i] < roots[i].count
          && roots.indices.contains { j in
            j != i
              && (TreePath.contains(names[i], names[j]) || TreePath.contains(names[j], names[i]))
          }
      }
      if meeting.isEmpty { return names }
      for i in meeting { depths[i] += 1 }
    }
  }

  /// The place of an entry of `part`.
  static func destination(of path: [UInt8], in part: Part) -> [UInt8] {
    if part.source.isEmpty { return TreePath.join(part.destination, path) }
    return part.destination + path[part.source.count...]
  }
}
