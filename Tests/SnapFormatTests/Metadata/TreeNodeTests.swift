// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct TreeNodeTests {
  @Test func everyEntryComesBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<60 {
      var node = TreeNode(level: 0)
      node.entries = samples.paths(samples.small(1...20)).map { samples.entry($0) }
      if samples.chance(30) { node.snapshotCopy = samples.bytes(1...300) }
      #expect(try TreeNode(decoding: Samples.encoded(node)) == node, "\(seed)")
    }
  }

  @Test func everyChildComesBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<60 {
      var node = TreeNode(level: UInt64(samples.small(1...8)))
      node.children = samples.paths(samples.small(1...50)).map {
        TreeNode.Child(
          id: samples.id(), firstPath: $0, entryCount: samples.number(),
          byteCount: samples.number())
      }
      #expect(try TreeNode(decoding: Samples.encoded(node)) == node, "\(seed)")
    }
  }

  @Test func pathsShareTheirBeginnings() throws {
    let paths = ["photos", "photos/2024", "photos/2024/a.jpg", "photos/2024/b.jpg", "photos/2025"]
    var previous: [UInt8] = []
    for (path, shared) in zip(paths, [0, 6, 11, 12, 10] as [UInt64]) {
      let entry = Entry(path: Array(path.utf8), mode: 0o100644)
      var reader = MessageReader(entry.encoded(after: previous))
      let first = try #require(try reader.next("entry"))
      // A keep of zero is not written.
      #expect(first.number == (shared == 0 ? 2 : 1))
      if shared > 0 { #expect(try first.number("keep") == shared) }
      previous = entry.path
    }
  }

  @Test func timesAreReadInAnyOrder() throws {
    var entry = MessageWriter()
    entry.text(2, "a")
    for (seconds, nanoseconds) in [(4, 5), (6, 7), (22, 23)] as [(UInt64, UInt64)] {
      entry.number(nanoseconds, 77)
      entry.zigzag(seconds, -9)
    }
    let read = try Entry(decoding: entry.bytes[...], after: [])
    let wanted = FileTime(seconds: -9, nanoseconds: 77)
    #expect(read.mtime == wanted)
    #expect(read.ctime == wanted)
    #expect(read.birth == wanted)
  }

  @Test func wrongOrderAndWrongLevelsAreRefused() throws {
    func refused(_ node: TreeNode) throws -> FormatError.Code? {
      try code { _ = try TreeNode(decoding: Samples.encoded(node)) }
    }
    var samples = Samples(SeededRandom(seed: 1))
    var leaf = TreeNode(level: 0)
    leaf.entries = [Entry(path: [98], mode: 0), Entry(path: [97], mode: 0)]
    #expect(try refused(leaf) == .malformed)
    leaf.entries[1].path = [98]
    #expect(try refused(leaf) == .malformed)
    leaf.entries[1].path = [99]
    #expect(try refused(leaf) == nil)
    leaf.level = 1
    #expect(try refused(leaf) == .malformed)
    var interior = TreeNode(level: 9)
    let child = TreeNode.Child(id: samples.id(), firstPath: [97], entryCount: 1, byteCount: 1)
    interior.children = [child]
    #expect(try refused(interior) == .tooLarge)
    interior.level = 8
    #expect(try refused(interior) == nil)
    interior.children.append(child)
    #expect(try refused(interior) == .malformed)
  }

  @Test func limitsOfLength() throws {
    let most = TreeLimits.nodeByteCountMax
    let large = [UInt8](repeating: 0, count: most + 1)
    #expect(try code { _ = try TreeNode(decoding: large) } == .tooLarge)
    #expect(try code { _ = try ListNode(decoding: large) } == .tooLarge)
    var entry = Entry(path: [97], mode: 0o120777)
    entry.target = [UInt8](repeating: 98, count: Entry.byteCountMax - 64)
    var node = TreeNode(level: 0)
    node.entries = [entry]
    #expect(try TreeNode(decoding: Samples.encoded(node)) == node)
    node.entries[0].target += [UInt8](repeating: 98, count: 64)
    #expect(try code { _ = try TreeNode(decoding: Samples.encoded(node)) } == .tooLarge)
  }
}
