// SPDX-License-Identifier: Apache-2.0

/// One blob in a pack: 40 bytes in the pack's directory and in the index.
///
/// Format: FORMAT.md, "Packs".
public struct BlobRecord: Hashable, Sendable {
  /// The blob's id.
  public let id: BlobID
  /// Bytes in the pack, the 16-byte tag included.
  public let sealedCount: UInt32
  /// Bytes of plaintext.
  public let rawCount: UInt32
  /// Whether the stored bytes are a zstd frame.
  public let isCompressed: Bool

  /// Bytes of an encoded record.
  public static let byteCount = 40
  /// The largest plaintext, in bytes: 28 bits.
  public static let rawCountMax = 1 << 28 - 1

  /// Takes the facts.
  public init(id: BlobID, sealedCount: UInt32, rawCount: UInt32, isCompressed: Bool) {
    self.id = id
    self.sealedCount = sealedCount
    self.rawCount = rawCount
    self.isCompressed = isCompressed
  }

  /// Appends the 40 bytes.
  public func append(to out: inout [UInt8]) {
    id.append(to: &out)
    out.append(le32: sealedCount)
    out.append(le32: (isCompressed ? 1 << 28 : 0) | rawCount)
  }

  /// Reads the record at the start of 40 bytes.
  ///
  /// - Throws: ``FormatError`` `.unsupported` for an unknown compression, `.malformed` for an id or
  ///   lengths that cannot be.
  init(_ cursor: inout ByteCursor) throws(FormatError) {
    guard let id = BlobID(try cursor.take(32, "record")) else {
      throw FormatError(.truncated, "record")
    }
    let sealed = try cursor.u32("record")
    let word = try cursor.u32("record")
    guard word >> 28 <= 1 else { throw FormatError(.unsupported, "compression \(word >> 28)") }
    let isCompressed = word >> 28 == 1
    let raw = word & 0x0FFF_FFFF
    // Both sums stay in range: raw has 28 bits.
    guard id != .hole, raw > 0, sealed > 16, isCompressed || sealed == raw + 16 else {
      throw FormatError(.malformed, "id or lengths of a record")
    }
    self.init(id: id, sealedCount: sealed, rawCount: raw, isCompressed: isCompressed)
  }
}

/// The limits of packs. Format: FORMAT.md, "Limits".
public enum PackLimits {
  /// Blobs in one pack.
  public static let blobCountMax = 1 << 18
  /// Bytes of one object: below 4 GiB.
  public static let byteCountMax = 1 << 32 - 1
  /// Bytes of a sealed footer.
  static let footerByteCount = 32
  /// From the end: footer and tail.
  static let trailerByteCount = 48
}
