// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct IndexSegmentTests {
  /// A group that just fits: the bytes that its pack needs at least, and some more.
  private func group(_ samples: inout Samples, more: UInt64? = nil) throws -> IndexGroup {
    let records = (0..<samples.small(1...40)).map { _ in
      let raw = UInt32(samples.small(1...1 << 20))
      let isCompressed = samples.chance(50)
      let sealed = isCompressed ? UInt32(samples.small(17...1 << 20)) : raw + 16
      return BlobRecord(
        id: samples.id(), sealedCount: sealed, rawCount: raw, isCompressed: isCompressed)
    }
    let least = records.reduce(UInt64(88 + 16 + 48)) { $0 + UInt64($1.sealedCount) + 40 }
    return IndexGroup(
      pack: samples.objectID(), kind: samples.chance(50) ? .dataPack : .treePack,
      suite: samples.chance(50) ? .aes256GCM : .chaCha20Poly1305,
      epoch: UInt8(samples.small(0...255)),
      length: least &+ (more ?? samples.number(upTo: 1 << 20)), created: samples.number(),
      run: try samples.run(), records: records)
  }

  private func encoded(_ groups: [IndexGroup]) -> [UInt8] {
    var out: [UInt8] = []
    for group in groups { group.append(to: &out) }
    return out
  }

  @Test func everyGroupComesBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<60 {
      let groups = try (0..<samples.small(0...8)).map { _ in try group(&samples) }
      let bytes = encoded(groups)
      #expect(bytes.count == groups.reduce(0) { $0 + $1.encodedByteCount })
      #expect(try IndexSegment.decode(bytes) == groups, "\(seed)")
    }
  }

  @Test func everyCutIsNoticed() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let groups = try (0..<3).map { _ in try group(&samples) }
    let bytes = encoded(groups)
    var borders: Set<Int> = [0]
    for i in groups.indices { borders.insert(encoded(Array(groups[...i])).count) }
    for end in bytes.indices {
      let found = try code { _ = try IndexSegment.decode(Array(bytes[..<end])) }
      #expect(found == (borders.contains(end) ? nil : .truncated), "\(end) \(seed)")
    }
  }

  @Test func aPackMustHoldAllThatItPromises() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<20 {
      let fits = try group(&samples, more: 0)
      #expect(try IndexSegment.decode(encoded([fits])) == [fits], "\(seed)")
      let short = try group(&samples, more: .max)
      #expect(
        try code { _ = try IndexSegment.decode(encoded([short])) } == .mismatch, "\(seed)")
    }
    let large = try group(&samples, more: 1 << 32)
    #expect(try code { _ = try IndexSegment.decode(encoded([large])) } == .mismatch)
  }

  @Test func tombstonesComeBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<100 {
      let tombstone = Tombstone(
        run: try samples.run(),
        dataPacks: (0..<samples.small(0...9)).map { _ in samples.objectID() },
        treePacks: (0..<samples.small(0...9)).map { _ in samples.objectID() },
        time: samples.number())
      #expect(try Tombstone(decoding: tombstone.encoded()) == tombstone, "\(seed)")
    }
  }
}
