// SPDX-License-Identifier: Apache-2.0

/// Finds where pictures and videos keep their payload.
///
/// A chunk that ends there makes the payload cut alike whatever stands in the tags before it: new
/// tags then cost some kilobytes and not a megabyte. Format: FORMAT.md, "Chunks and packs".
public enum MediaCut {
  /// Bytes of a file's beginning that are worth showing to ``payloadOffset(head:fileSize:)``.
  public static let headByteCount = 1 << 20

  /// The offset at which the payload begins: above 0, below `fileSize`, within `head`.
  ///
  /// Nil when `head`, the first bytes of a file of `fileSize` bytes, shows no container that is
  /// known, or anything in it that is not as it should be.
  public static func payloadOffset(head: UnsafeRawBufferPointer, fileSize: UInt64) -> Int? {
    let reader = unsafe MediaCutReader(head)
    guard reader.count <= fileSize, let offset = find(reader, fileSize) else { return nil }
    guard offset > 0, offset < fileSize, offset <= reader.count else { return nil }
    return Int(exactly: offset)
  }

  private static func find(_ reader: MediaCutReader, _ fileSize: UInt64) -> UInt64? {
    switch reader.u8(0) {
    case 0xff: jpeg(reader)
    case UInt8(ascii: "I"), UInt8(ascii: "M"): MediaCutTIFF.firstStrip(reader)
    default: reader.has("ftyp", at: 4) ? boxes(reader, fileSize) : nil
    }
  }

  /// The marker after the last APPn or COM segment that precedes the picture's segments.
  private static func jpeg(_ reader: MediaCutReader) -> UInt64? {
    guard reader.u16(0) == 0xffd8 else { return nil }
    var offset: UInt64 = 2
    while true {
      // Any number of 0xff may stand before the code of a marker.
      guard reader.u8(offset) == 0xff else { return nil }
      var code = offset + 1
      while reader.u8(code) == 0xff { code += 1 }
      switch reader.u8(code) ?? 0 {
      case 0xe0...0xef, 0xfe:
        guard let length = reader.u16(code + 1), length >= 2 else { return nil }
        offset = code + 1 + length
      case 0xc0...0xc7, 0xc9...0xcf, 0xdb, 0xdd:
        return offset
      default:
        return nil
      }
    }
  }

  /// The payload of the first `mdat` box that has one. ISO/IEC 14496-12: HEIC, AVIF, CR3, MP4, MOV.
  private static func boxes(_ reader: MediaCutReader, _ fileSize: UInt64) -> UInt64? {
    var offset: UInt64 = 0
    while true {
      guard var size = reader.u32(offset), reader.holds(offset, 8) else { return nil }
      var header: UInt64 = 8
      if size == 1 {
        guard let long = reader.u64(offset + 8) else { return nil }
        size = long
        header = 16
      } else if size == 0 {
        size = fileSize - offset
      }
      guard size >= header, size <= fileSize - offset else { return nil }
      if reader.has("mdat", at: offset + 4), size > header { return offset + header }
      offset += size
    }
  }
}
