// SPDX-License-Identifier: Apache-2.0

/// Small containers of the known kinds, with tags of any length before their payload.
enum MediaSamples {
  /// A container and where its payload begins.
  struct Sample: Sendable {
    let name: String
    let bytes: [UInt8]
    let cut: Int
  }

  /// One of each kind.
  static func all(tagBytes: Int, payload: [UInt8]) -> [Sample] {
    [
      jpeg(tagBytes, payload), heic(tagBytes, payload), mp4(tagBytes, payload),
      openEnded(tagBytes, payload), tiff(tagBytes, payload, bigEndian: false),
      tiff(tagBytes, payload, bigEndian: true), panasonic(tagBytes, payload),
    ]
  }

  /// JFIF, Exif and a comment, then the tables and the scan.
  static func jpeg(_ tagBytes: Int, _ payload: [UInt8]) -> Sample {
    let exif = Array("Exif\0\0".utf8) + filler(tagBytes)
    let jfif = Array("JFIF\0".utf8) + [1, 2, 0, 0, 1, 0, 1, 0, 0]
    var head: [UInt8] = [0xff, 0xd8] + segment(0xe0, jfif)
    head += segment(0xe1, exif)
    head += [0xff] + segment(0xfe, Array("made by hand".utf8))
    let tables = segment(0xdb, filler(65)) + segment(0xc0, filler(15)) + segment(0xda, filler(10))
    return Sample(
      name: "jpeg", bytes: head + tables + payload + [0xff, 0xd9], cut: head.count)
  }

  /// `ftyp`, `meta`, an empty `mdat`, `mdat`.
  static func heic(_ tagBytes: Int, _ payload: [UInt8]) -> Sample {
    let head =
      box("ftyp", Array("heic".utf8) + [0, 0, 0, 0] + Array("mif1heic".utf8))
      + box("meta", filler(tagBytes)) + box("mdat", [])
    return Sample(name: "heic", bytes: head + box("mdat", payload), cut: head.count + 8)
  }

  /// `ftyp`, `moov`, `mdat` with a length of 64 bits, and a box behind.
  static func mp4(_ tagBytes: Int, _ payload: [UInt8]) -> Sample {
    let head =
      box("ftyp", Array("isom".utf8) + [0, 0, 2, 0]) + box("moov", filler(tagBytes))
      + big(1, 4) + Array("mdat".utf8) + big(UInt64(payload.count) + 16, 8)
    return Sample(name: "mp4", bytes: head + payload + box("free", [1, 2, 3]), cut: head.count)
  }

  /// `mdat` with the length 0, which reaches to the end of the file.
  static func openEnded(_ tagBytes: Int, _ payload: [UInt8]) -> Sample {
    let head =
      box("ftyp", Array("qt  ".utf8) + [0, 0, 0, 0]) + box("moov", filler(tagBytes)) + big(0, 4)
      + Array("mdat".utf8)
    return Sample(name: "open-ended", bytes: head + payload, cut: head.count)
  }

  /// A description, Exif and a sub-directory with two strips, then the strips.
  static func tiff(_ tagBytes: Int, _ payload: [UInt8], bigEndian: Bool) -> Sample {
    var file = TIFFSample(bigEndian: bigEndian, magic: 42)
    let description = 8 + file.size(3)
    let exif = description + tagBytes
    let picture = exif + file.size(1)
    let places = picture + file.size(3)
    let strips = places + 8
    file.directory([(270, 2, tagBytes, description), (0x8769, 4, 1, exif), (330, 4, 1, picture)])
    file.bytes += filler(tagBytes)
    file.directory([(0x9003, 4, 1, 7)])
    file.directory([(256, 4, 1, 100), (273, 4, 2, places), (279, 4, 1, payload.count)])
    file.append(strips + payload.count / 2, 4)
    file.append(strips, 4)
    return Sample(
      name: bigEndian ? "tiff, big-endian" : "tiff", bytes: file.bytes + payload, cut: strips)
  }

  /// RW2: its own magic and its own tag for the place of the raw data.
  static func panasonic(_ tagBytes: Int, _ payload: [UInt8]) -> Sample {
    var file = TIFFSample(bigEndian: false, magic: 0x55)
    let preview = 8 + file.size(3)
    let raw = preview + tagBytes
    file.directory([(0x2e, 7, tagBytes, preview), (273, 4, 1, 0xffff_ffff), (0x118, 4, 1, raw)])
    file.bytes += filler(tagBytes)
    return Sample(name: "rw2", bytes: file.bytes + payload, cut: raw)
  }

  static func filler(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 5) }
  }

  static func segment(_ code: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [0xff, code] + big(UInt64(bytes.count) + 2, 2) + bytes
  }

  static func box(_ type: String, _ bytes: [UInt8]) -> [UInt8] {
    big(UInt64(bytes.count) + 8, 4) + Array(type.utf8) + bytes
  }

  static func big(_ value: UInt64, _ count: UInt64) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
  }
}

/// A TIFF file in the making.
struct TIFFSample {
  let bigEndian: Bool
  var bytes: [UInt8]

  init(bigEndian: Bool, magic: Int) {
    self.bigEndian = bigEndian
    bytes = Array((bigEndian ? "MM" : "II").utf8)
    append(magic, 2)
    append(8, 4)
  }

  /// Bytes of a directory of `count` entries.
  func size(_ count: Int) -> Int { 2 + 12 * count + 4 }

  /// A directory of (tag, type, count, value).
  mutating func directory(_ entries: [(Int, Int, Int, Int)], next: Int = 0) {
    append(entries.count, 2)
    for (tag, type, count, value) in entries {
      append(tag, 2)
      append(type, 2)
      append(count, 4)
      append(value, 4)
    }
    append(next, 4)
  }

  mutating func append(_ value: Int, _ count: UInt64) {
    let big = MediaSamples.big(UInt64(value), count)
    bytes += bigEndian ? big : big.reversed()
  }
}
