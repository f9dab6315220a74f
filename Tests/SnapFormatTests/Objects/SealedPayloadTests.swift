// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct SealedPayloadTests {
  private func key(
    _ kind: ObjectKind = .index, _ ring: KeyRing, _ suite: CipherSuite = .aes256GCM
  ) throws -> ObjectKey {
    try ObjectKey(
      new: kind, epoch: TestKeys.newest(ring), suite: suite, run: .random(), entropy: [1])
  }

  /// Bytes of which zstd makes something, or nothing.
  private func payload(_ count: Int, _ samples: inout Samples) -> [UInt8] {
    let head = samples.random.bytes(samples.chance(50) ? count : min(count, 40))
    return head + [UInt8](repeating: 7, count: count - head.count)
  }

  @Test func payloadsOfAnyLengthComeBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let ring = try TestKeys.full(epochs: 2)
    let compressor = try Compressor(level: 3)
    var lengths = Array(0...300)
    lengths += [65_535, 65_536, 65_537, 70_000]
    lengths += (0..<120).map { _ in samples.small(0...70_000) }
    for length in lengths {
      let payload = payload(length, &samples)
      let kind = ObjectKind.allCases[samples.small(0...8)]
      let key = try key(kind, ring, samples.chance(50) ? .aes256GCM : .chaCha20Poly1305)
      let isCompressed = samples.chance(50)
      let object = try SealedPayload.seal(
        payload, key: key, compressor: isCompressed ? compressor : nil)
      #expect(object.count == Padding.padded(object.count), "\(length) \(seed)")
      if !isCompressed { #expect(object.count == Padding.padded(129 + length), "\(seed)") }
      let opened = try SealedPayload.open(object, kind: kind, id: key.header.id, ring: ring)
      #expect(opened.payload == payload, "\(length) \(seed)")
      #expect(opened.header == key.header, "\(length) \(seed)")
      #expect(try ObjectHeader(decoding: object[...]) == key.header)
    }
  }

  @Test func onlySixteenMebibytesFit() throws {
    let ring = try TestKeys.full()
    let key = try key(.index, ring)
    let payload = [UInt8](repeating: 1, count: SealedPayload.byteCountMax)
    let object = try SealedPayload.seal(payload, key: key, compressor: Compressor(level: 1))
    let opened = try SealedPayload.open(object, kind: .index, id: key.header.id, ring: ring)
    #expect(opened.payload == payload)
    #expect(
      try code { _ = try SealedPayload.seal(payload + [1], key: key, compressor: nil) }
        == .tooLarge)
  }

  @Test(arguments: CipherSuite.allCases)
  func everyFlippedBitIsNoticed(suite: CipherSuite) throws {
    let ring = try TestKeys.full()
    let key = try key(.tombstone, ring, suite)
    let object = try SealedPayload.seal(Array("hello".utf8), key: key, compressor: nil)
    #expect(object.count == 256)
    func open(_ object: [UInt8]) throws -> FormatError.Code? {
      try code {
        _ = try SealedPayload.open(object, kind: .tombstone, id: key.header.id, ring: ring)
      }
    }
    for bit in 0..<object.count * 8 {
      var changed = object
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      let wanted: FormatError.Code
      switch bit / 8 {
      case 0..<4, 252..<256: wanted = .malformed
      case 240..<248: wanted = .mismatch
      default: wanted = .checksum
      }
      #expect(try open(changed) == wanted, "bit \(bit)")
      // Anybody can mend the tail. What is found then is by the table of FORMAT.md 3.5.
      guard bit / 8 < 240 else { continue }
      unsafe changed.withUnsafeMutableBytes { unsafe ObjectTail.write(into: $0) }
      let found = try open(changed)
      switch bit / 8 {
      case 0..<4: #expect(found == .malformed, "bit \(bit)")
      case 4: #expect(found == .unsupported, "bit \(bit)")
      case 5, 6: #expect([.unsupported, .mismatch, .wrongKey].contains(found), "bit \(bit)")
      case 7: #expect(found == .noKey, "bit \(bit)")
      case 8..<40: #expect(found == .mismatch, "bit \(bit)")
      // Only grouping rests on the run: it is not bound to the key.
      case 40..<56: #expect(found == nil, "bit \(bit)")
      case 56..<88: #expect(found == .wrongKey, "bit \(bit)")
      default: #expect(found == .notAuthentic, "bit \(bit)")
      }
    }
  }

  @Test func everyCutIsNoticed() throws {
    let ring = try TestKeys.full()
    let key = try key(.index, ring)
    let object = try SealedPayload.seal([1, 2, 3], key: key, compressor: nil)
    for end in object.indices {
      for mend in [false, true] where !mend || end >= 104 {
        var cut = Array(object[..<end])
        if mend { unsafe cut.withUnsafeMutableBytes { unsafe ObjectTail.write(into: $0) } }
        let found = try code {
          _ = try SealedPayload.open(cut, kind: .index, id: key.header.id, ring: ring)
        }
        let wanted: Set<FormatError.Code> =
          end < 104 ? [.truncated] : mend ? [.truncated, .notAuthentic] : [.malformed]
        #expect(wanted.contains(try #require(found, "\(end)")), "\(end) \(mend)")
      }
    }
  }

  @Test func theSameKeyOfAnotherNameOrKindIsNoticed() throws {
    let ring = try TestKeys.full()
    let (one, two) = (try key(.index, ring), try key(.index, ring))
    #expect(one.header.id != two.header.id)
    let object = try SealedPayload.seal([1], key: one, compressor: nil)
    func open(_ kind: ObjectKind, _ id: ObjectID) throws -> FormatError.Code? {
      try code { _ = try SealedPayload.open(object, kind: kind, id: id, ring: ring) }
    }
    #expect(try open(.index, one.header.id) == nil)
    #expect(try open(.index, two.header.id) == .mismatch)
    #expect(try open(.audit, one.header.id) == .mismatch)
  }
}
