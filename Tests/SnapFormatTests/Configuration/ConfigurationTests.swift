// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct ConfigurationTests {
  private func sample(_ samples: inout Samples) throws -> Configuration {
    var configuration = Configuration(
      repositoryID: samples.random.bytes(16), created: samples.number(),
      sequence: samples.number())
    if samples.chance(20) { return configuration }
    configuration.chunker = try ChunkerSettings(
      algorithm: samples.chance(50) ? .gear : .gearAES, average: samples.small(1 << 16...1 << 24))
    configuration.dataPackTarget = UInt64(samples.small(4 << 20...1 << 30))
    configuration.treePackTarget = UInt64(samples.small(1 << 20...1 << 30))
    configuration.zstdLevel = UInt64(samples.small(1...19))
    configuration.readFeatures = (0..<samples.small(0...3)).map { _ in samples.text(1...9) }
    configuration.writeFeatures = (0..<samples.small(0...3)).map { _ in samples.text(1...9) }
    configuration.collectFeatures = (0..<samples.small(0...3)).map { _ in samples.text(1...9) }
    configuration.grace = max(samples.number(), 1)
    configuration.lag = samples.number()
    configuration.runExpiry = max(samples.number(), 1)
    configuration.inlineLimit = UInt64(samples.small(1...65_536))
    configuration.metadataCopies = UInt64(samples.small(1...2))
    return configuration
  }

  @Test func everyFieldComesBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let ring = try TestKeys.full()
    let reader = try ring.reduced(to: .writeOnly)
    for _ in 0..<100 {
      let configuration = try sample(&samples)
      let bytes = try configuration.encoded(signedBy: ring)
      #expect(
        try Configuration(decoding: bytes, epoch: 0, ring: reader) == configuration, "\(seed)")
      #expect(
        Configuration.sequence(inMessage: bytes) ?? 0 == configuration.sequence, "\(seed)")
    }
  }

  @Test func fieldsOfNewerVersionsAreKept() throws {
    let ring = try TestKeys.full()
    var configuration = Configuration(repositoryID: [UInt8](repeating: 3, count: 16), created: 1)
    var newer = MessageWriter()
    newer.number(20, 9)
    configuration.unknown = newer.bytes
    let bytes = try configuration.encoded(signedBy: ring)
    let read = try Configuration(decoding: bytes, epoch: 0, ring: ring)
    #expect(read == configuration)
    #expect(try read.encoded(signedBy: ring) == bytes)
  }

  @Test func onlyTheNewestFullRingSigns() throws {
    let rings = (one: try TestKeys.full(), two: try TestKeys.full(epochs: 2))
    let configuration = Configuration(repositoryID: [UInt8](repeating: 3, count: 16), created: 1)
    for role in [Role.metadata, .writeOnly] {
      let ring = try rings.one.reduced(to: role)
      #expect(try code { _ = try configuration.encoded(signedBy: ring) } == .noKey)
    }
    let bytes = try configuration.encoded(signedBy: rings.two)
    func read(_ epoch: UInt8, _ ring: KeyRing) throws -> FormatError.Code? {
      try code { _ = try Configuration(decoding: bytes, epoch: epoch, ring: ring) }
    }
    #expect(try read(1, rings.two) == nil)
    #expect(try read(0, rings.two) == .notAuthentic)
    #expect(try read(0, rings.one) == .notAuthentic)
    #expect(try read(1, rings.one) == .noKey)
  }

  @Test func everyFlippedBitIsNoticed() throws {
    let ring = try TestKeys.full()
    let configuration = Configuration(repositoryID: [UInt8](repeating: 3, count: 16), created: 1)
    let bytes = try configuration.encoded(signedBy: ring)
    for bit in 0..<bytes.count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      let found = try code { _ = try Configuration(decoding: changed, epoch: 0, ring: ring) }
      #expect(found == .notAuthentic || found == .malformed, "bit \(bit)")
    }
  }

  /// Field, value, and what a signed configuration with them is.
  static let limits: [(UInt64, UInt64, FormatError.Code?)] = [
    (1, 2, .unsupported), (5, 1 << 16, nil), (5, 1 << 16 - 1, .malformed), (5, 1 << 24, nil),
    (5, 1 << 24 + 1, .tooLarge), (5, .max, .tooLarge), (6, 3, .unsupported),
    (7, 1, nil), (7, 2, .unsupported), (8, 4 << 20, nil), (8, 4 << 20 - 1, .malformed),
    (8, 1 << 30, nil), (8, 1 << 30 + 1, .tooLarge), (10, 19, nil), (10, 20, .tooLarge),
    (18, 2, nil), (18, 3, .tooLarge), (31, 1, .malformed),
  ]

  @Test(arguments: limits)
  func bounds(field: UInt64, value: UInt64, wanted: FormatError.Code?) throws {
    let ring = try TestKeys.full()
    var configuration = Configuration(repositoryID: [UInt8](repeating: 3, count: 16), created: 1)
    var extra = MessageWriter()
    extra.number(field, value)
    configuration.unknown = extra.bytes
    let bytes = try configuration.encoded(signedBy: ring)
    let found = try code { _ = try Configuration(decoding: bytes, epoch: 0, ring: ring) }
    #expect(found == wanted)
  }

  @Test func aWrittenZeroMeansTheDefault() throws {
    let ring = try TestKeys.full()
    let plain = Configuration(repositoryID: [UInt8](repeating: 3, count: 16), created: 1)
    for field in (5...18) as ClosedRange<UInt64> where !(11...13).contains(field) {
      var configuration = plain
      var zero = MessageWriter()
      zero.varint(field << 3)
      zero.varint(0)
      configuration.unknown = zero.bytes
      let bytes = try configuration.encoded(signedBy: ring)
      #expect(
        try Configuration(decoding: bytes, epoch: 0, ring: ring) == plain, "field \(field)")
    }
  }
}
