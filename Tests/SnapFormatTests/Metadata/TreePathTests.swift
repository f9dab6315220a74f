// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct TreePathTests {
  @Test func orderIsBytewiseWithTheSlashAsZero() {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    // Few different bytes, so that long common beginnings occur.
    let alphabet: [UInt8] = [1, 45, 46, 47, 48, 97, 255]
    func mapped(_ path: [UInt8]) -> [UInt8] { path.map { $0 == 47 ? 0 : $0 } }
    for _ in 0..<3000 {
      let pair = (0..<2).map { _ in
        (0..<samples.small(0...6)).map { _ in alphabet[samples.small(0...6)] }
      }
      let (a, b) = (pair[0], pair[1])
      let wanted = mapped(a).lexicographicallyPrecedes(mapped(b))
      #expect(TreePath.precedes(a, b) == wanted, "\(a) \(b) \(seed)")
    }
  }

  @Test func aDirectoryIsFollowedByAllThatItHolds() {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let paths = samples.paths(800)
    for (i, folder) in paths.enumerated() {
      let inside = paths.indices.filter { TreePath.contains(folder, paths[$0]) }
      #expect(inside == Array(i..<i + inside.count), "\(folder) \(seed)")
    }
  }

  @Test(arguments: [
    ("a", true), ("a/b", true), ("...", true), ("a/..b", true), ("a/b..", true), (" ", true),
    ("", false), ("/", false), ("/a", false), ("a/", false), ("a//b", false), (".", false),
    ("..", false), ("./a", false), ("../a", false), ("a/.", false), ("a/..", false),
    ("a/./b", false), ("a/../b", false), ("a\u{0}b", false),
  ])
  func safety(path: String, isSafe: Bool) {
    #expect(TreePath.isSafe(Array(path.utf8)) == isSafe)
  }

  @Test func limitsOfLength() {
    let component = [UInt8](repeating: 97, count: 255)
    #expect(TreePath.isSafe(component))
    #expect(!TreePath.isSafe(component + [97]))
    let long = Array([[UInt8]](repeating: component, count: 256).joined(separator: [47]))
    #expect(long.count == 65_535)
    #expect(TreePath.isSafe(long))
    #expect(!TreePath.isSafe([97, 47] + long.dropLast()))
  }

  @Test func parts() {
    func path(_ text: String) -> [UInt8] { Array(text.utf8) }
    #expect(TreePath.parent(path("a/b/c")) == path("a/b"))
    #expect(TreePath.parent(path("a")) == [])
    #expect(TreePath.name(path("a/b/c")) == path("c"))
    #expect(TreePath.name(path("a")) == path("a"))
    #expect(TreePath.join([], path("a")) == path("a"))
    #expect(TreePath.join(path("a/b"), path("c")) == path("a/b/c"))
    #expect(TreePath.contains(path("a"), path("a/b")))
    #expect(TreePath.contains(path("a"), path("a")))
    #expect(!TreePath.contains(path("a"), path("ab")))
    #expect(!TreePath.contains(path("a/b"), path("a")))
    #expect(TreePath.contains([], path("a")))
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for path in samples.paths(200) {
      #expect(TreePath.join(TreePath.parent(path), TreePath.name(path)) == path, "\(seed)")
    }
  }
}
