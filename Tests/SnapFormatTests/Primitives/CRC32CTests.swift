// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SnapFormat

@Suite struct CRC32CTests {
  @Test func vectors() {
    // The first is that of FORMAT.md, the others those of RFC 3720, B.4.
    let vectors: [([UInt8], UInt32)] = [
      (Array("123456789".utf8), 0xe306_9283),
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
      ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
      ([UInt8](0..<32), 0x46dd_794e),
      ([UInt8]((0..<32).reversed()), 0x113f_db5c),
      ([], 0),
    ]
    for (bytes, sum) in vectors {
      #expect(CRC32C.checksum(bytes) == sum)
      #expect(CRC32C.portable(bytes) == sum)
    }
  }

  @Test func everyFormAndEverySplitGivesTheSameSum() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: (seed &+ $0) &* ($0 | 1) >> 3) }
    for _ in 0..<200 {
      let start = Int.random(in: 0..<64, using: &random)
      // Around one and several strides of the three interleaved streams, and anywhere.
      let strides = [768, 768 * 2, 12_288, 12_288 * 2, 12_288 + 768]
      let around = strides.randomElement(using: &random) ?? 0
      let length =
        Bool.random(using: &random)
        ? around + Int.random(in: -9...9, using: &random)
        : Int.random(in: 0..<39_000, using: &random)
      let whole = Array(bytes[start..<start + length])
      let sum = CRC32C.checksum(whole)
      #expect(CRC32C.portable(whole) == sum, "\(start) + \(length), seed \(seed)")
      let split = Int.random(in: 0...length, using: &random)
      let first = CRC32C.checksum(Array(whole[..<split]))
      let second = CRC32C.checksum(Array(whole[split...]), continuing: first)
      #expect(second == sum, "\(start) + \(split) of \(length), seed \(seed)")
    }
  }
}
