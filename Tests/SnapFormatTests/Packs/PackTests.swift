// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct PackTests {
  /// A blob as its writer has it.
  private struct Blob: Sendable {
    let id: BlobID
    let plain: [UInt8]
    let stored: [UInt8]
    var isCompressed: Bool { stored != plain }
  }

  private func blobs(_ count: Int, isTree: Bool, _ samples: inout Samples) throws -> [Blob] {
    let dedup = try TestKeys.dedup()
    let ids = try isTree ? dedup.treeIDs() : dedup.dataIDs()
    let compressor = try Compressor(level: 1)
    return try (0..<count).map { _ in
      var plain = samples.bytes(1...3000)
      if samples.chance(50) { plain += [UInt8](repeating: 9, count: samples.small(200...900)) }
      var out = [UInt8](repeating: 0, count: plain.count)
      let size = unsafe plain.withUnsafeBytes { raw in
        unsafe out.withUnsafeMutableBytes { unsafe compressor.compress(raw, into: $0) }
      }
      let stored = size.map { Array(out.prefix($0)) } ?? plain
      return Blob(id: try ids.id(of: plain), plain: plain, stored: stored)
    }
  }

  private func builder(
    _ kind: ObjectKind, _ suite: CipherSuite, target: Int = 8 << 20
  ) throws -> PackBuilder {
    let key = try ObjectKey(
      new: kind, epoch: TestKeys.newest(TestKeys.full()), suite: suite, run: .random(),
      entropy: [])
    let capacity = PackBuilder.capacity(target: target, largestBlob: 4096)
    return PackBuilder(key: key, buffer: try PackBuffer(capacity: capacity), target: target)
  }

  private func place(_ blob: Blob, in builder: PackBuilder) -> Int? {
    builder.reserve(
      id: blob.id, rawCount: blob.plain.count, storedCount: blob.stored.count,
      isCompressed: blob.isCompressed)
  }

  private static func seal(_ blob: Blob, at offset: Int, in builder: PackBuilder) throws {
    let cipher = try builder.key.cipher()
    try unsafe blob.stored.withUnsafeBytes {
      try unsafe builder.seal($0, id: blob.id, at: offset, cipher: cipher)
    }
  }

  private func finish(_ builder: PackBuilder, created: UInt64 = 1) throws -> [UInt8] {
    let bytes = try unsafe builder.finish(created: created)
    return unsafe Array(bytes)
  }

  /// Opens one blob of a pack in memory.
  private func open(
    _ record: BlobRecord, at offset: Int, _ pack: [UInt8], _ cipher: AEADContext, isTree: Bool
  ) throws -> [UInt8] {
    let sealed = Array(pack[offset..<offset + Int(record.sealedCount)])
    let opener = try BlobOpener(dedup: TestKeys.dedup())
    return try unsafe sealed.withUnsafeBytes { sealed in
      try unsafe opener.open(
        record, at: UInt64(offset), sealed: sealed, cipher: cipher, isTree: isTree
      ) { unsafe Array($0) }
    }
  }

  @Test(arguments: [ObjectKind.dataPack, .treePack], CipherSuite.allCases)
  func manyThreadsSealAtOnce(kind: ObjectKind, suite: CipherSuite) async throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let isTree = kind == .treePack
    let blobs = try blobs(400, isTree: isTree, &samples)
    let builder = try builder(kind, suite)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for blob in blobs {
        let offset = try #require(place(blob, in: builder))
        group.addTask { try Self.seal(blob, at: offset, in: builder) }
      }
      try await group.waitForAll()
    }
    let pack = try finish(builder, created: 1_700_000_000)
    #expect(pack.count == Padding.padded(pack.count))
    #expect(pack.count == builder.byteCount)
    let header = try ObjectHeader(whole: pack, kind: kind, id: builder.key.header.id)
    let key = try ObjectKey(opening: header, with: TestKeys.full())
    let length = UInt64(pack.count)
    let needed = try PackDirectory.tailByteCount(
      Array(pack.suffix(48)), objectLength: length, key: key)
    let directory = try PackDirectory(
      tail: Array(pack.suffix(needed)), objectLength: length, key: key)
    #expect(try PackDirectory(tail: pack, objectLength: length, key: key) == directory)
    #expect(
      try code {
        let short = Array(pack.suffix(needed - 1))
        _ = try PackDirectory(tail: short, objectLength: length, key: key)
      } == .truncated)
    #expect(directory.created == 1_700_000_000)
    #expect(directory.records == builder.records)
    #expect(directory.records.map(\.id) == blobs.map(\.id))
    let cipher = try key.cipher()
    var offset = ObjectHeader.byteCount
    for (record, blob) in zip(directory.records, blobs) {
      let plain = try open(record, at: offset, pack, cipher, isTree: isTree)
      #expect(plain == blob.plain, "\(seed)")
      offset += Int(record.sealedCount)
    }
  }

  @Test func aBlobOpensInItsPlaceOnly() throws {
    var samples = Samples(.fresh())
    let blobs = try blobs(3, isTree: false, &samples)
    let builder = try builder(.dataPack, .aes256GCM)
    var offsets: [Int] = []
    for blob in blobs {
      let offset = try #require(place(blob, in: builder))
      try Self.seal(blob, at: offset, in: builder)
      offsets.append(offset)
    }
    let pack = try finish(builder)
    let cipher = try builder.key.cipher()
    for (i, record) in builder.records.enumerated() {
      #expect(try open(record, at: offsets[i], pack, cipher, isTree: false) == blobs[i].plain)
      // Of the other class the id is another one.
      let other = try code { _ = try open(record, at: offsets[i], pack, cipher, isTree: true) }
      #expect(other == .mismatch)
      let shifted = try code {
        _ = try open(record, at: offsets[i] + 1, pack, cipher, isTree: false)
      }
      #expect(shifted == .notAuthentic)
      let renamed = BlobRecord(
        id: samples.id(), sealedCount: record.sealedCount, rawCount: record.rawCount,
        isCompressed: record.isCompressed)
      let found = try code { _ = try open(renamed, at: offsets[i], pack, cipher, isTree: false) }
      #expect(found == .notAuthentic)
      let shorter = BlobRecord(
        id: record.id, sealedCount: record.sealedCount, rawCount: record.rawCount - 1,
        isCompressed: record.isCompressed)
      let length = try code { _ = try open(shorter, at: offsets[i], pack, cipher, isTree: false) }
      #expect(length == .mismatch || length == .malformed)
    }
  }

  @Test func everyFlippedBitOfTheTrailerIsNoticed() throws {
    var samples = Samples(.fresh())
    let blob = try blobs(1, isTree: true, &samples)[0]
    let builder = try builder(.treePack, .aes256GCM)
    try Self.seal(blob, at: try #require(place(blob, in: builder)), in: builder)
    let pack = try finish(builder)
    let trailer = 48 + 40 + 16
    for bit in 0..<trailer * 8 {
      var changed = pack
      changed[pack.count - trailer + bit / 8] ^= 1 << UInt8(bit % 8)
      let whole = try code { try ObjectTail.check(changed) }
      #expect(whole != nil, "bit \(bit)")
      // A reader of the tail alone sees all but the checksum.
      let isChecksum = (trailer - 8..<trailer - 4).contains(bit / 8)
      let found = try code {
        _ = try PackDirectory(
          tail: Array(changed.suffix(trailer)), objectLength: UInt64(pack.count),
          key: builder.key)
      }
      #expect((found == nil) == isChecksum, "bit \(bit)")
    }
    let other = try code {
      _ = try PackDirectory(
        tail: Array(pack.suffix(trailer)), objectLength: UInt64(pack.count) + 1, key: builder.key)
    }
    #expect(other == .mismatch)
  }

  @Test func aPackEndsNearItsTarget() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let target = 256 * 1024
    let blobs = try blobs(400, isTree: false, &samples)
    let builder = try builder(.dataPack, .aes256GCM, target: target)
    var count = 0
    for blob in blobs {
      guard let offset = place(blob, in: builder) else { break }
      try Self.seal(blob, at: offset, in: builder)
      count += 1
    }
    #expect(count > 1 && count < blobs.count, "\(seed)")
    #expect(builder.records.count == count)
    let pack = try finish(builder)
    #expect(pack.count <= Padding.padded(target), "\(seed)")
    #expect(pack.count > target - 8192, "\(seed)")
    // A single blob goes in however large it is, as long as the buffer holds it.
    let small = try self.builder(.dataPack, .aes256GCM, target: 100)
    #expect(place(blobs[0], in: small) == 88)
    #expect(place(blobs[1], in: small) == nil)
  }

  @Test func recordsComeBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<300 {
      let raw = UInt32(samples.small(1...BlobRecord.rawCountMax))
      let isCompressed = samples.chance(50)
      let sealed = isCompressed ? UInt32(samples.small(17...1 << 32 - 1)) : raw + 16
      let record = BlobRecord(
        id: samples.id(), sealedCount: sealed, rawCount: raw, isCompressed: isCompressed)
      var bytes: [UInt8] = []
      record.append(to: &bytes)
      #expect(bytes.count == BlobRecord.byteCount)
      var cursor = ByteCursor(bytes)
      #expect(try BlobRecord(&cursor) == record, "\(seed)")
    }
  }
}
