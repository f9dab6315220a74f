// SPDX-License-Identifier: Apache-2.0
import SnapFormat

/// All roots of a walk and the ways that lead to them.
struct RootSet: Sendable {
  /// Those inside no other, in path order.
  let outer: [Root]
  /// Those inside another one. They count where the walk would leave them out otherwise: they were
  /// asked for by name.
  let hasInner: Bool
  private let paths: [[UInt8]]
  private let lookup: Set<[UInt8]>

  init(_ roots: [Root]) {
    let sorted = roots.sorted { TreePath.precedes($0.path, $1.path) }
    var outer: [Root] = []
    var paths: [[UInt8]] = []
    for root in sorted where paths.last != root.path {
      paths.append(root.path)
      if let last = outer.last, TreePath.contains(last.path, root.path) { continue }
      outer.append(root)
    }
    self.outer = outer
    self.paths = paths
    lookup = Set(paths)
    hasInner = outer.count < paths.count
  }

  func contains(_ path: [UInt8]) -> Bool { lookup.contains(path) }

  /// Says whether a root inside another one is `path` or lies below it.
  func hasInner(at path: [UInt8]) -> Bool {
    hasInner && paths.contains { TreePath.contains(path, $0) }
  }

  /// The names in `directory` that lead to roots below it, in order.
  func names(in directory: [UInt8]) -> [[UInt8]] {
    let start = directory.isEmpty ? 0 : directory.count + 1
    var out: [[UInt8]] = []
    for path in paths where path.count > start && TreePath.contains(directory, path) {
      let name = Array(path[start...].prefix { $0 != UInt8(ascii: "/") })
      // Path order keeps equal names together.
      if out.last != name { out.append(name) }
    }
    return out
  }
}
