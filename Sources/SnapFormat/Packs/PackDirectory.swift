// SPDX-License-Identifier: Apache-2.0

/// The directory of a pack that was read. Format: FORMAT.md, "Packs".
public struct PackDirectory: Hashable, Sendable {
  /// Seconds since 1970, for people.
  public let created: UInt64
  /// The blobs in the order of the pack; offsets are running sums from 88.
  public let records: [BlobRecord]

  /// Bytes at the end of a pack that hold the directory of most packs.
  public static let usualTailByteCount = 64 * 1024

  /// Takes the facts.
  public init(created: UInt64, records: [BlobRecord]) {
    self.created = created
    self.records = records
  }

  /// How many of the last bytes of a pack are needed, judged from its last 48 bytes or more.
  ///
  /// - Throws: ``FormatError`` `.truncated`, `.malformed`, `.tooLarge`, `.mismatch`,
  ///   `.notAuthentic`.
  public static func tailByteCount(
    _ tail: [UInt8], objectLength: UInt64, key: ObjectKey
  ) throws(FormatError) -> Int {
    let footer = try readFooter(tail, objectLength: objectLength, cipher: key.cipher())
    return footer.sealedCount + PackLimits.trailerByteCount
  }

  /// Opens the directory in the last bytes of a pack.
  ///
  /// - Throws: ``FormatError`` `.truncated` when `tail` is too short, `.malformed`, `.tooLarge`,
  ///   `.mismatch` when the lengths do not fit the object, `.unsupported`, `.notAuthentic`. Never
  ///   traps, whatever the bytes.
  public init(tail: [UInt8], objectLength: UInt64, key: ObjectKey) throws(FormatError) {
    let cipher = try key.cipher()
    let footer = try Self.readFooter(tail, objectLength: objectLength, cipher: cipher)
    let start = tail.count - PackLimits.trailerByteCount - footer.sealedCount
    guard start >= 0 else { throw FormatError(.truncated, "pack directory") }
    let sealed = Array(tail[start..<start + footer.sealedCount])
    let offset = objectLength - UInt64(PackLimits.trailerByteCount + footer.sealedCount)
    let plain = try Self.open(sealed, "dir", at: offset, cipher)
    guard plain.count == footer.count * BlobRecord.byteCount else {
      throw FormatError(.mismatch, "pack directory")
    }
    var cursor = ByteCursor(plain)
    var records: [BlobRecord] = []
    records.reserveCapacity(footer.count)
    var end = UInt64(ObjectHeader.byteCount)
    for _ in 0..<footer.count {
      let record = try BlobRecord(&cursor)
      end += UInt64(record.sealedCount)
      records.append(record)
    }
    guard end <= offset else { throw FormatError(.mismatch, "lengths in a pack directory") }
    self.init(created: footer.created, records: records)
  }

  private struct Footer {
    let sealedCount: Int
    let count: Int
    let created: UInt64
  }

  private static func readFooter(
    _ tail: [UInt8], objectLength: UInt64, cipher: AEADContext
  ) throws(FormatError) -> Footer {
    guard tail.count >= PackLimits.trailerByteCount,
      objectLength >= UInt64(ObjectHeader.byteCount + PackLimits.trailerByteCount)
    else { throw FormatError(.truncated, "pack") }
    guard objectLength <= UInt64(PackLimits.byteCountMax) else {
      throw FormatError(.tooLarge, "pack")
    }
    try ObjectTail.checkLength(tail.suffix(ObjectTail.byteCount), objectLength: objectLength)
    let start = tail.count - PackLimits.trailerByteCount
    let plain = try open(
      Array(tail[start..<start + PackLimits.footerByteCount]), "foot",
      at: objectLength - UInt64(PackLimits.trailerByteCount), cipher)
    var cursor = ByteCursor(plain)
    let sealedCount = Int(try cursor.u32("footer"))
    let count = Int(try cursor.u32("footer"))
    guard count >= 1, count <= PackLimits.blobCountMax else {
      throw FormatError(count == 0 ? .malformed : .tooLarge, "blobs in a pack")
    }
    guard sealedCount == count * BlobRecord.byteCount + AEADContext.tagByteCount,
      UInt64(sealedCount + ObjectHeader.byteCount + PackLimits.trailerByteCount) <= objectLength
    else { throw FormatError(.mismatch, "pack directory") }
    return Footer(sealedCount: sealedCount, count: count, created: try cursor.u64("footer"))
  }

  private static func open(
    _ sealed: [UInt8], _ aad: String, at offset: UInt64, _ cipher: AEADContext
  ) throws(FormatError) -> [UInt8] {
    guard sealed.count >= AEADContext.tagByteCount else { throw FormatError(.truncated, "pack") }
    var plain = [UInt8](repeating: 0, count: sealed.count - AEADContext.tagByteCount)
    let aad = Array(aad.utf8)
    try unsafe sealed.withRaw { (sealed) throws(FormatError) in
      try unsafe plain.withMutableRaw { (plain) throws(FormatError) in
        try unsafe aad.withRaw { (aad) throws(FormatError) in
          try unsafe cipher.open(at: offset, aad: aad, sealed, into: plain)
        }
      }
    }
    return plain
  }
}
