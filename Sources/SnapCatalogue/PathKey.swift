// SPDX-License-Identifier: Apache-2.0

internal import SnapFormat

/// The key of a row: the path with '/' as 0x00, so that SQLite's order of blobs is the order of
/// ``TreePath/precedes(_:_:)``.
enum PathKey {
  private static let slash = UInt8(ascii: "/")

  static func key(of path: [UInt8]) -> [UInt8] { path.map { $0 == slash ? 0 : $0 } }

  static func path(of key: some Collection<UInt8>) -> [UInt8] {
    key.map { $0 == 0 ? slash : $0 }
  }
}

/// Keys from `lower` on, below `upper`.
struct KeyRange: Hashable, Sendable {
  var lower: [UInt8]
  let upper: [UInt8]

  /// The key of `root` and of all that it holds.
  init(below root: [UInt8]) {
    lower = PathKey.key(of: root)
    // No component is longer than 255 bytes, so no key begins with 256 times 0xFF.
    upper = root.isEmpty ? [UInt8](repeating: 0xFF, count: 256) : lower + [1]
  }

  /// Disjoint ranges in ascending order that cover `roots`.
  static func ranges(below roots: [[UInt8]]) -> [KeyRange] {
    outermost(roots).map(KeyRange.init(below:))
  }

  /// A name for a set of roots, whatever its order.
  static func name(of roots: [[UInt8]]) -> [UInt8] {
    // Two zero bytes stand in no key.
    Array(outermost(roots).map(PathKey.key(of:)).joined(separator: [0, 0]))
  }

  private static func outermost(_ roots: [[UInt8]]) -> [[UInt8]] {
    var out: [[UInt8]] = []
    for root in roots.sorted(by: { TreePath.precedes($0, $1) }) {
      if let last = out.last, TreePath.contains(last, root) { continue }
      out.append(root)
    }
    return out
  }
}
