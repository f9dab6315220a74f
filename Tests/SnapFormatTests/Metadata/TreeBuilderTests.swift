// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct TreeBuilderTests {
  /// A built tree whose nodes can be looked up.
  private struct Tree {
    var nodes: [BlobID: [UInt8]] = [:]
    var root: TreeRoot

    /// All leaves from left to right; checks ids, levels, first paths and sums on the way.
    func leaves() throws -> [TreeNode] {
      var out: [TreeNode] = []
      try walk(root.id, root.level, &out)
      return out
    }

    @discardableResult
    private func walk(
      _ id: BlobID, _ level: UInt64, _ out: inout [TreeNode]
    ) throws -> (path: [UInt8], entries: UInt64, bytes: UInt64) {
      let bytes = try #require(nodes[id])
      #expect(try TestKeys.dedup().treeIDs().id(of: bytes) == id)
      let node = try TreeNode(decoding: bytes)
      #expect(node.level == level)
      if level == 0 {
        out.append(node)
        return (
          node.entries.first?.path ?? [], UInt64(node.entries.count),
          node.entries.reduce(0) { $0 &+ $1.size }
        )
      }
      var sums: (UInt64, UInt64) = (0, 0)
      for child in node.children {
        let below = try walk(child.id, level - 1, &out)
        #expect(child.firstPath == below.path)
        #expect(child.entryCount == below.entries)
        #expect(child.byteCount == below.bytes)
        sums = (sums.0 + below.entries, sums.1 &+ below.bytes)
      }
      return (try #require(node.children.first).firstPath, sums.0, sums.1)
    }
  }

  private func build(
    _ entries: some Sequence<Entry>, copy: [UInt8] = [], on builder: TreeBuilder? = nil
  ) throws -> Tree {
    let dedup = try TestKeys.dedup()
    let ids = try dedup.treeIDs()
    var builder = try builder ?? TreeBuilder(secrets: dedup.chunkerSecrets())
    var blobs: [MetadataBlob] = []
    for entry in entries { blobs += try builder.add(entry, ids: ids) }
    let (rest, root) = try builder.finish(snapshotCopy: copy, ids: ids)
    #expect(rest.last?.id == root.id)
    var tree = Tree(root: root)
    for blob in blobs + rest { tree.nodes[blob.id] = blob.bytes }
    return tree
  }

  /// Plain files of one length in bytes each, so that only names decide the borders.
  private func files(_ paths: [[UInt8]]) -> [Entry] {
    paths.map { path in
      var entry = Entry(path: path, mode: 0o100644)
      entry.mtime = FileTime(seconds: 1_700_000_000, nanoseconds: 123_456_789)
      entry.content.inline = Array("hello".utf8)
      entry.size = 5
      return entry
    }
  }

  @Test func allEntriesComeBackInOrder() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for count in [0, 1, 2, 50, 3000] {
      let entries = samples.paths(count).map { samples.entry($0) }
      let copy = samples.bytes(0...40)
      let tree = try build(entries, copy: copy)
      let leaves = try tree.leaves()
      #expect(leaves.flatMap(\.entries) == entries, "\(count) \(seed)")
      let root = try TreeNode(decoding: try #require(tree.nodes[tree.root.id]))
      #expect(root.snapshotCopy == copy, "\(seed)")
      #expect(leaves.count > 1 || tree.root.level == 0, "\(seed)")
      let again = try build(entries, copy: copy)
      #expect(again.root == tree.root, "\(seed)")
      #expect(again.nodes == tree.nodes, "\(seed)")
    }
  }

  @Test func bordersDependOnNamesOnly() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let secrets = try TestKeys.dedup().chunkerSecrets()
    let entries = files(samples.paths(4000))
    let leaves = try build(entries).leaves()
    #expect(leaves.count > 8, "\(seed)")
    for leaf in leaves.dropLast() {
      let last = try #require(leaf.entries.last)
      let size = Samples.encoded(leaf).count
      #expect(size >= 4096, "\(seed)")
      let isBorder = secrets.gear(of: last.path) >> 59 == 0
      #expect(isBorder || size >= 32 * 1024, "\(seed)")
    }
    // Other times, owners and content of the same length: the same borders.
    var others = entries
    for i in others.indices {
      others[i].mtime.nanoseconds = 200_000_000 + UInt32(i)
      others[i].content.inline = samples.bytes(5...5)
    }
    let borders = try build(others).leaves().map { $0.entries.first?.path }
    #expect(borders == leaves.map { $0.entries.first?.path }, "\(seed)")
  }

  @Test func aSmallEditChangesFewNodes() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let entries = files(samples.paths(6000))
    let before = try build(entries)
    let all = Set(before.nodes.keys)
    #expect(all.count > 30, "\(seed)")
    func fresh(_ entries: [Entry]) throws -> Int {
      Set(try build(entries).nodes.keys).subtracting(all).count
    }
    var changed = entries
    changed[samples.small(0...5999)].mtime.nanoseconds = 987_654_321
    let edited = try fresh(changed)
    #expect(edited == Int(before.root.level) + 1, "\(seed)")
    changed = entries
    changed.remove(at: samples.small(0...5999))
    let removed = try fresh(changed)
    // The next borders meet again after a leaf or two, nearly always at once.
    #expect((1...16).contains(removed), "\(removed) \(seed)")
    changed = entries
    changed.append(contentsOf: files([[UInt8](repeating: 255, count: 9)]))
    let added = try fresh(changed)
    #expect((1...Int(before.root.level) + 2).contains(added), "\(added) \(seed)")
  }

  @Test func aCopyIsFinishedWhileTheOriginalGoesOn() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let dedup = try TestKeys.dedup()
    let ids = try dedup.treeIDs()
    let entries = samples.paths(1500).map { samples.entry($0) }
    let whole = try build(entries)
    var builder = TreeBuilder(secrets: try dedup.chunkerSecrets())
    var blobs: [BlobID: [UInt8]] = [:]
    for (i, entry) in entries.enumerated() {
      for blob in try builder.add(entry, ids: ids) { blobs[blob.id] = blob.bytes }
      guard i % 400 == 399 else { continue }
      var checkpoint = try build([], copy: [1], on: builder)
      checkpoint.nodes.merge(blobs) { a, _ in a }
      let part = try checkpoint.leaves().flatMap(\.entries)
      #expect(part == Array(entries[...i]), "\(i) \(seed)")
      #expect(builder.entryCount == UInt64(i + 1))
    }
    let (rest, root) = try builder.finish(snapshotCopy: [], ids: ids)
    for blob in rest { blobs[blob.id] = blob.bytes }
    #expect(root == whole.root, "\(seed)")
    #expect(blobs == whole.nodes, "\(seed)")
  }

  @Test func pathsOutOfOrderAreRefused() throws {
    let dedup = try TestKeys.dedup()
    let ids = try dedup.treeIDs()
    var builder = TreeBuilder(secrets: try dedup.chunkerSecrets())
    func add(_ path: String) throws -> FormatError.Code? {
      try code { _ = try builder.add(Entry(path: Array(path.utf8), mode: 0o100644), ids: ids) }
    }
    #expect(try add("a/b") == nil)
    #expect(try add("a!") == nil)
    #expect(try add("a!") == .malformed)
    #expect(try add("a/c") == .malformed)
    var huge = Entry(path: [98], mode: 0o120777)
    huge.target = [UInt8](repeating: 1, count: Entry.byteCountMax)
    #expect(try code { _ = try builder.add(huge, ids: ids) } == .tooLarge)
    #expect(builder.entryCount == 2)
  }
}
