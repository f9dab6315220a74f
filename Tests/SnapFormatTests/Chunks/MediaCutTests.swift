// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import Testing

@Suite struct MediaCutTests {
  private let payload = MediaSamples.filler(3000)

  private func cut(_ bytes: [UInt8], head: Int = .max, fileSize: UInt64? = nil) -> Int? {
    unsafe bytes.withUnsafeBytes { raw in
      unsafe MediaCut.payloadOffset(
        head: UnsafeRawBufferPointer(rebasing: raw.prefix(head)),
        fileSize: fileSize ?? UInt64(bytes.count))
    }
  }

  @Test func payloadIsFound() {
    for sample in MediaSamples.all(tagBytes: 700, payload: payload) {
      #expect(cut(sample.bytes) == sample.cut, "\(sample.name)")
    }
  }

  @Test func longerTagsLeaveThePayloadAsItIs() {
    let before = MediaSamples.all(tagBytes: 700, payload: payload)
    for tagBytes in [6, 701, 1600, 50_000] {
      let after = MediaSamples.all(tagBytes: tagBytes, payload: payload)
      for (old, new) in zip(before, after) where !old.name.hasPrefix("tiff") {
        #expect(cut(new.bytes) == new.cut, "\(new.name)")
        #expect(new.bytes[new.cut...] == old.bytes[old.cut...], "\(new.name)")
      }
      for (old, new) in zip(before, after) where old.name.hasPrefix("tiff") {
        #expect(cut(new.bytes) == new.cut, "\(new.name)")
        #expect(new.bytes.suffix(payload.count) == old.bytes[old.cut...], "\(new.name)")
      }
    }
  }

  @Test func onlyTheHeadIsNeeded() {
    for sample in MediaSamples.all(tagBytes: 700, payload: payload) {
      // The JPEG's next marker must be seen.
      let needed = sample.cut + (sample.name == "jpeg" ? 2 : 0)
      #expect(cut(sample.bytes, head: needed) == sample.cut, "\(sample.name)")
      for head in 0..<sample.cut {
        #expect(cut(sample.bytes, head: head) == nil, "\(sample.name), \(head) bytes")
      }
    }
  }

  @Test func aJPEGWithoutTagsIsCutToo() {
    let bytes = [0xff, 0xd8] + MediaSamples.segment(0xdb, payload)
    #expect(cut(bytes) == 2)
  }

  @Test func otherFilesAreNotCut() {
    let jpeg: [UInt8] = [0xff, 0xd8]
    let start = MediaSamples.box("ftyp", Array("isom".utf8))
    let long = start + MediaSamples.big(1, 4) + Array("mdat".utf8)
    let files: [[UInt8]] = [
      [], [0xff], jpeg, jpeg + [0xff], jpeg + [0xff, 0xff, 0xff],
      jpeg + MediaSamples.segment(0xe1, payload),
      jpeg + [0xff, 0xe1, 0, 1] + payload, jpeg + [0xff, 0xd9], jpeg + [0, 0xdb],
      Array("RIFF".utf8) + payload, Array("II".utf8) + payload, Array("MM\0*".utf8),
      start, start + MediaSamples.box("moov", payload), start + MediaSamples.box("mdat", []),
      start + MediaSamples.big(7, 4) + Array("mdat".utf8) + payload,
      start + MediaSamples.big(9999, 4) + Array("mdat".utf8) + payload,
      long + MediaSamples.big(15, 8) + payload, long + MediaSamples.big(.max, 8) + payload,
      MediaSamples.box("moov", []) + MediaSamples.box("mdat", payload),
    ]
    for (i, bytes) in files.enumerated() { #expect(cut(bytes) == nil, "file \(i)") }
  }

  @Test func tiffThatKeepsTagsBehindThePictureIsNotCut() {
    for bigEndian in [false, true] {
      var file = TIFFSample(bigEndian: bigEndian, magic: 42)
      let value = 8 + file.size(2) + payload.count
      file.directory([(270, 2, 10, value), (273, 4, 1, 8 + file.size(2))])
      #expect(cut(file.bytes + payload + MediaSamples.filler(10)) == nil)
      #expect(cut(file.bytes + payload) == nil)
    }
  }

  @Test func tiffLoopsAndFloodsEnd() {
    var loop = TIFFSample(bigEndian: false, magic: 42)
    let strip = 8 + loop.size(2)
    loop.directory([(273, 3, 1, strip), (330, 4, 1, 8)], next: 8)
    #expect(cut(loop.bytes + payload) == strip)

    var unknownType = TIFFSample(bigEndian: false, magic: 42)
    unknownType.directory([(273, 3, 1, strip), (1, 99, 1, 8)])
    #expect(cut(unknownType.bytes + payload) == nil)

    // Each entry claims the same long list of strips.
    var flood = TIFFSample(bigEndian: false, magic: 42)
    let entries = 60_000
    flood.directory(
      [(Int, Int, Int, Int)](repeating: (273, 3, 100_000, 8), count: entries))
    #expect(cut(flood.bytes + payload) == nil)
  }

  @Test func wholeSizeIsLarger() {
    let sample = MediaSamples.openEnded(100, payload)
    #expect(cut(sample.bytes, fileSize: .max) == sample.cut)
    #expect(cut(sample.bytes, fileSize: UInt64(sample.cut)) == nil)
    #expect(cut(sample.bytes, fileSize: 0) == nil)
  }

  @Test func damagedFilesNeverTrap() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = ChunkTestRandom(seed: seed)
    let samples = MediaSamples.all(tagBytes: 60, payload: MediaSamples.filler(100))
    var cuts = 0
    for _ in 0..<20_000 {
      guard var bytes = samples.randomElement(using: &random)?.bytes else { return }
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        // Most damage hits the headers; extreme values find overflows.
        let limit = Bool.random(using: &random) ? 64 : bytes.count
        let values: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, .random(in: 0 ... .max, using: &random)]
        guard let value = values.randomElement(using: &random) else { return }
        let at = Int.random(in: 0..<limit, using: &random)
        let run = Bool.random(using: &random) ? 1 : 8
        for i in at..<min(at + run, bytes.count) { bytes[i] = value }
      }
      if Bool.random(using: &random) {
        bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
      }
      let sizes = [UInt64(bytes.count), .max, 0, .random(in: 0...400, using: &random)]
      let fileSize = sizes.randomElement(using: &random) ?? 0
      guard let found = cut(bytes, fileSize: fileSize) else { continue }
      cuts += 1
      #expect(found > 0 && found <= bytes.count && UInt64(found) < fileSize, "seed \(seed)")
    }
    #expect(cuts > 0)
  }
}
