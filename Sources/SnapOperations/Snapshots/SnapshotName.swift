// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
public import SnapRepository

/// A snapshot as a person names it: an id, `latest`, `latest~2`; and a path inside it.
public struct SnapshotName: Sendable, Hashable {
  /// Before the colon.
  public let text: String
  /// After the colon: raw bytes as typed; nil without a colon.
  public let path: [UInt8]?
  private let kind: Kind

  private enum Kind: Sendable, Hashable {
    case latest(Int)
    case id(String)
  }

  /// Why a name names nothing.
  public enum Problem: Error, Sendable {
    /// Not an id, and no word that is known.
    case malformed
    /// No snapshot fits; the nearest ids.
    case unknown([StoredSnapshot])
    /// Several fit.
    case ambiguous([StoredSnapshot])
    /// No such path in the snapshot.
    case noPath([UInt8])
  }

  /// Reads a name.
  ///
  /// - Throws: ``Problem`` `.malformed`.
  public init(_ argument: String) throws(Problem) {
    let bytes = Array(argument.utf8)
    if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
      text = String(decoding: bytes[..<colon], as: UTF8.self)
      path = Array(bytes[(colon + 1)...])
    } else {
      text = argument
      path = nil
    }
    if text == "latest" {
      kind = .latest(0)
    } else if text.hasPrefix("latest~"), let back = Int(text.dropFirst(7)), back >= 0 {
      kind = .latest(back)
    } else {
      let digits = text.lowercased()
      guard digits.count >= 4, digits.count <= 64,
        digits.allSatisfy({ $0.isHexDigit && $0.isASCII })
      else { throw .malformed }
      kind = .id(digits)
    }
  }

  /// Finds the snapshot.
  ///
  /// `latest` is the newest of `host`, and where that has none, the newest of all.
  ///
  /// - Returns: the snapshot, and whether another host's was taken for want of one of this host.
  /// - Throws: ``Problem``.
  public func resolve(
    in list: SnapshotList, host: String
  ) throws(Problem) -> (snapshot: StoredSnapshot, isOtherHost: Bool) {
    switch kind {
    case .latest(let back):
      let own = list.snapshots.filter { $0.snapshot.host == host }
      let chosen = own.isEmpty ? list.snapshots : own
      guard back < chosen.count else { throw .unknown(Array(chosen.suffix(3))) }
      return (chosen[chosen.count - 1 - back], own.isEmpty)
    case .id(let digits):
      let found = list.snapshots.filter { $0.id.description.hasPrefix(digits) }
      if found.count == 1 { return (found[0], false) }
      if found.isEmpty { throw .unknown(Self.nearest(digits, list)) }
      throw .ambiguous(found)
    }
  }

  /// The path in the tree that the part after the colon names: absolute as it was backed up, or
  /// beginning at a backed-up folder, or, with one such folder, inside it.
  public func treePath(in snapshot: Snapshot) -> [[UInt8]] {
    guard let path, !path.isEmpty else { return [[]] }
    let slash = UInt8(ascii: "/")
    var parts = path.split(separator: slash).filter { $0 != [UInt8(ascii: ".")] }
    let absolute = Array(parts.joined(separator: [slash]))
    if path.first == slash { return [absolute] }
    let roots = snapshot.paths.map { Array($0.drop { $0 == slash }) }
    guard let first = parts.first else { return [[]] }
    parts.removeFirst()
    let rest = Array(parts.joined(separator: [slash]))
    var out = roots.filter { TreePath.name($0) == Array(first) }.map { root in
      rest.isEmpty ? root : TreePath.join(root, rest)
    }
    if roots.count == 1, let root = roots.first { out.append(TreePath.join(root, absolute)) }
    return out + [absolute]
  }

  private static func nearest(_ digits: String, _ list: SnapshotList) -> [StoredSnapshot] {
    func shared(_ id: ObjectID) -> Int {
      zip(id.description, digits).prefix { $0 == $1 }.count
    }
    return Array(
      list.snapshots.sorted {
        (shared($0.id), $0.snapshot.start) > (shared($1.id), $1.snapshot.start)
      }
      .prefix(3))
  }
}
