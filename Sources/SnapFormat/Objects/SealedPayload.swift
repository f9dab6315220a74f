// SPDX-License-Identifier: Apache-2.0

/// Objects of one payload: every kind but packs. Format: FORMAT.md, "Single payload".
public enum SealedPayload {
  /// The most that one payload may hold, in bytes.
  public static let byteCountMax = 16 << 20
  private static let fixedBytes = 129

  /// Seals `payload` as a whole object.
  ///
  /// - Throws: ``FormatError`` `.tooLarge`, `.library`.
  public static func seal(
    _ payload: [UInt8], key: ObjectKey, compressor: Compressor?
  ) throws(FormatError) -> [UInt8] {
    guard payload.count <= byteCountMax else { throw FormatError(.tooLarge, "payload") }
    var stored = payload
    var comp: UInt8 = 0
    if let compressor, payload.count > 64 {
      var out = [UInt8](repeating: 0, count: payload.count)
      let size = unsafe payload.withUnsafeBytes { raw in
        unsafe out.withUnsafeMutableBytes { out in unsafe compressor.compress(raw, into: out) }
      }
      if let size {
        stored = Array(out.prefix(size))
        comp = 1
      }
    }
    let total = Padding.padded(fixedBytes + stored.count)
    var plain: [UInt8] = [comp]
    plain.reserveCapacity(total)
    plain.append(le32: UInt32(payload.count))
    plain.append(le32: UInt32(stored.count))
    plain += stored
    let bodyCount = total - ObjectHeader.byteCount - ObjectTail.byteCount
    plain += [UInt8](
      repeating: 0, count: bodyCount - AEADContext.tagByteCount - plain.count)
    var object = key.header.encoded + [UInt8](repeating: 0, count: total - ObjectHeader.byteCount)
    let cipher = try key.cipher()
    try unsafe object.withMutableRaw { (raw) throws(FormatError) in
      let body = unsafe UnsafeMutableRawBufferPointer(
        rebasing: raw[ObjectHeader.byteCount..<ObjectHeader.byteCount + bodyCount])
      try unsafe plain.withRaw { (plain) throws(FormatError) in
        try unsafe cipher.seal(
          at: UInt64(ObjectHeader.byteCount), aad: UnsafeRawBufferPointer(start: nil, count: 0),
          plain, into: body)
      }
      unsafe ObjectTail.write(into: raw)
    }
    return object
  }

  /// Opens a whole object of an expected kind and name.
  ///
  /// - Throws: ``FormatError``: those of ``ObjectTail/check(_:)`` and ``ObjectKey``, `.mismatch`
  ///   when name or kind are not the expected ones, `.notAuthentic` when the seal does not open,
  ///   `.malformed` when the payload is not well formed. Never traps, whatever the bytes.
  public static func open(
    _ object: [UInt8], kind: ObjectKind, id: ObjectID, ring: KeyRing
  ) throws(FormatError) -> (header: ObjectHeader, payload: [UInt8]) {
    let header = try ObjectHeader(whole: object, kind: kind, id: id)
    let key = try ObjectKey(opening: header, with: ring)
    let sealedEnd = object.count - ObjectTail.byteCount
    let sealed = object[ObjectHeader.byteCount..<sealedEnd]
    guard sealed.count >= AEADContext.tagByteCount + 9 else {
      throw FormatError(.truncated, "payload")
    }
    var plain = [UInt8](repeating: 0, count: sealed.count - AEADContext.tagByteCount)
    let cipher = try key.cipher()
    try unsafe sealed.withRaw { (sealed) throws(FormatError) in
      try unsafe plain.withMutableRaw { (plain) throws(FormatError) in
        try unsafe cipher.open(
          at: UInt64(ObjectHeader.byteCount), aad: UnsafeRawBufferPointer(start: nil, count: 0),
          sealed, into: plain)
      }
    }
    return (header, try unwrap(plain))
  }

  private static func unwrap(_ plain: [UInt8]) throws(FormatError) -> [UInt8] {
    var cursor = ByteCursor(plain)
    let comp = try cursor.u8("payload")
    guard comp <= 1 else { throw FormatError(.unsupported, "compression \(comp)") }
    let rawCount = Int(try cursor.u32("payload"))
    let storedCount = Int(try cursor.u32("payload"))
    guard rawCount <= byteCountMax else { throw FormatError(.tooLarge, "payload") }
    let stored = Array(try cursor.take(storedCount, "payload"))
    if comp == 1 { return try Decompressor().decompress(stored, count: rawCount) }
    guard storedCount == rawCount else { throw FormatError(.mismatch, "payload length") }
    return stored
  }
}
