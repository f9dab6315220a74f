// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct ListBuilderTests {
  /// The chunks below `content`, through the lists in `nodes`.
  private func expand(_ content: Content, _ nodes: [BlobID: [UInt8]]) throws -> Content {
    var content = content
    while content.level > 0 {
      var next = Content()
      next.level = content.level - 1
      for (id, length) in zip(content.ids, content.lengths) {
        let list = try ListNode(decoding: try #require(nodes[id]))
        #expect(list.level == next.level)
        #expect(list.lengths.reduce(0, &+) == length)
        next.ids += list.ids
        next.lengths += list.lengths
      }
      content = next
    }
    return content
  }

  private func content(_ count: Int, _ samples: inout Samples) -> Content {
    var content = Content()
    for _ in 0..<count {
      content.ids.append(samples.chance(2) ? .hole : samples.id())
      content.lengths.append(UInt64(samples.small(1...4 << 20)))
    }
    return content
  }

  @Test(arguments: [0, 1, 256, 257, 300, 2_000, 100_000])
  func listsHoldEveryChunk(count: Int) throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let content = content(count, &samples)
    let ids = try TestKeys.dedup().treeIDs()
    let (folded, blobs) = try ListBuilder.fold(content, ids: ids)
    #expect(folded.ids.count <= TreeLimits.inlineIDCountMax)
    #expect(folded.byteCount == content.byteCount, "\(seed)")
    #expect(blobs.isEmpty == (count <= 256))
    #expect((folded.level == 0) == (count <= 256))
    try folded.check()
    for blob in blobs { #expect(try ids.id(of: blob.bytes) == blob.id) }
    let nodes = Dictionary(blobs.map { ($0.id, $0.bytes) }) { a, _ in a }
    #expect(try expand(folded, nodes) == content, "\(seed)")
    let (again, _) = try ListBuilder.fold(content, ids: ids)
    #expect(again == folded, "\(seed)")
  }

  @Test func listsEndAtAZeroByteOrAtTheirLimit() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let ids = try TestKeys.dedup().treeIDs()
    let (_, blobs) = try ListBuilder.fold(content(20_000, &samples), ids: ids)
    let lists = try blobs.map { try ListNode(decoding: $0.bytes) }.filter { $0.level == 0 }
    #expect(lists.count > 5, "\(seed)")
    for list in lists.dropLast() {
      #expect(list.ids.count >= 128, "\(seed)")
      #expect(list.ids.count == 2048 || list.ids.last?.firstByte == 0, "\(seed)")
      #expect(!list.ids.dropFirst(127).dropLast().contains { $0.firstByte == 0 }, "\(seed)")
    }
    var plain = Content()
    plain.ids = [BlobID](repeating: BlobID(.max, 1, 2, 3), count: 5000)
    plain.lengths = [UInt64](repeating: 9, count: 5000)
    let (folded, long) = try ListBuilder.fold(plain, ids: ids)
    #expect(folded.lengths == [18_432, 18_432, 8_136] as [UInt64])
    // Equal lists have equal ids.
    #expect(long.count == 3)
    #expect(long[0].id == long[1].id)
  }

  @Test func aChangedChunkChangesOneList() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let ids = try TestKeys.dedup().treeIDs()
    var content = content(20_000, &samples)
    // A chunk whose neighbours decide the borders: not one that begins with a zero byte.
    let inner = content.ids.indices.filter { content.ids[$0].firstByte > 0 }
    let at = try #require(inner.randomElement(using: &samples.random))
    let before = Set(try ListBuilder.fold(content, ids: ids).1.map(\.id))
    content.ids[at] = BlobID(.max, 1, 2, 3)
    let after = try ListBuilder.fold(content, ids: ids).1.map(\.id)
    #expect(Set(after).subtracting(before).count == 1, "\(seed)")
  }
}
