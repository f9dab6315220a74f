// SPDX-License-Identifier: Apache-2.0

/// Walks the directories of TIFF and of the RAW forms built on it (DNG, NEF, CR2, ARW, ORF, RW2…).
struct MediaCutTIFF {
  private let reader: MediaCutReader
  private let isPanasonic: Bool
  /// Directories still to walk.
  private var waiting: [UInt64] = []
  private var seen: Set<UInt64> = []
  /// Where directories and values end.
  private var tagsEnd: UInt64 = 8
  private var strips: [UInt64] = []
  /// Entries and numbers that may still be read: a hostile file must not cost time.
  private var budget = 1 << 17

  private static let directoryMax = 64
  /// Panasonic's own tag for the place of the raw data; another thing in other files.
  private var rawDataTag: UInt64 { isPanasonic ? 0x118 : 0x111 }

  /// The lowest offset of picture data that follows all directories and values; nil if those are
  /// not all in the reader's bytes, or there is none.
  static func firstStrip(_ bytes: MediaCutReader) -> UInt64? {
    guard var walk = MediaCutTIFF(bytes), walk.run() else { return nil }
    return walk.strips.filter { $0 >= walk.tagsEnd && $0 <= walk.reader.count }.min()
  }

  private init?(_ bytes: MediaCutReader) {
    var reader = bytes
    // "IIRO", "IIRS" and "MMOR": Olympus; "IIU": Panasonic.
    if reader.has("II", at: 0) {
      reader.isBigEndian = false
      let known: [UInt64] = [42, 0x4f52, 0x5352, 0x55]
      guard let magic = reader.u16(2), known.contains(magic) else { return nil }
    } else {
      let known: [UInt64] = [42, 0x4f52]
      guard reader.has("MM", at: 0), let magic = reader.u16(2), known.contains(magic) else {
        return nil
      }
    }
    guard let first = reader.u32(4) else { return nil }
    self.reader = reader
    isPanasonic = reader.u16(2) == 0x55
    waiting = [first]
  }

  private mutating func run() -> Bool {
    while let directory = waiting.popLast() {
      guard seen.insert(directory).inserted else { continue }
      guard directory >= 8, seen.count <= Self.directoryMax, walk(directory) else { return false }
    }
    return true
  }

  /// Reads one directory; false if it is not as it should be.
  private mutating func walk(_ directory: UInt64) -> Bool {
    guard let count = reader.u16(directory), count > 0 else { return false }
    let end = directory + 2 + 12 * count
    guard let next = reader.u32(end), spend(count) else { return false }
    tagsEnd = max(tagsEnd, end + 4)
    if next != 0 { waiting.append(next) }
    for i in 0..<count {
      guard entry(directory + 2 + 12 * i) else { return false }
    }
    return true
  }

  /// Reads one entry: tag, type, number of values, and the values or where they are.
  private mutating func entry(_ offset: UInt64) -> Bool {
    guard let tag = reader.u16(offset), let type = reader.u16(offset + 2),
      let count = reader.u32(offset + 4), let size = Self.size(ofType: type)
    else { return false }
    var values = offset + 8
    if size * count > 4 {
      guard let place = reader.u32(values), reader.holds(place, size * count) else { return false }
      values = place
      tagsEnd = max(tagsEnd, place + size * count)
    }
    switch tag {
    case 0x111, 0x144, rawDataTag:  // strips, tiles
      guard let places = numbers(values, count, size) else { return false }
      strips += places
    case 0x14a, 0x8769, 0x8825, 0xa005:  // sub-directories, Exif, GPS, interoperability
      guard size == 4, let places = numbers(values, count, size) else { return false }
      waiting += places
    default: break
    }
    return true
  }

  private mutating func numbers(_ offset: UInt64, _ count: UInt64, _ size: UInt64) -> [UInt64]? {
    guard size == 2 || size == 4, spend(count) else { return nil }
    var out: [UInt64] = []
    for i in 0..<count {
      guard let value = size == 2 ? reader.u16(offset + 2 * i) : reader.u32(offset + 4 * i) else {
        return nil
      }
      out.append(value)
    }
    return out
  }

  private mutating func spend(_ count: UInt64) -> Bool {
    guard count <= budget else { return false }
    budget -= Int(count)
    return true
  }

  /// Bytes of one value.
  private static func size(ofType type: UInt64) -> UInt64? {
    switch type {
    case 1, 2, 6, 7: 1
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12: 8
    default: nil
    }
  }
}
