// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Memory for one pack, used again for the next. Not thread-safe by itself.
@safe public final class PackBuffer: @unchecked Sendable {
  // Sendable: owned by one PackBuilder at a time; disjoint ranges are written by their reservers.
  let bytes: UnsafeMutableRawBufferPointer

  /// Bytes that fit.
  public var capacity: Int { unsafe bytes.count }

  /// Takes `capacity` bytes straight from the system: in a heap, buffers of this size would leave
  /// holes that nothing else fits into (measured: twice the memory).
  ///
  /// - Throws: ``FormatError`` `.library` when there is no memory.
  public init(capacity: Int) throws(FormatError) {
    let start = unsafe mmap(
      nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let start = unsafe start, unsafe start != MAP_FAILED else {
      throw FormatError(.library, "no memory for a pack")
    }
    unsafe bytes = UnsafeMutableRawBufferPointer(start: start, count: capacity)
  }

  deinit { unsafe munmap(bytes.baseAddress, bytes.count) }
}

/// Builds one pack: a place is reserved in order, then sealed by whoever reserved it.
///
/// `reserve`, `isFull` and `finish` are called by one thread at a time (under the caller's lock);
/// `seal` runs at the same time for different places. Format: FORMAT.md, "Packs".
@safe public final class PackBuilder: @unchecked Sendable {
  // Sendable: see above; the buffer's ranges handed out by `reserve` never overlap.
  /// Name, kind and key of the pack.
  public let key: ObjectKey
  /// The memory; goes back to its owner when the pack is written.
  public let buffer: PackBuffer
  private let target: Int
  private var end = ObjectHeader.byteCount
  private var directory: [UInt8] = []
  /// The records so far, in order.
  public private(set) var records: [BlobRecord] = []

  /// Begins a pack that ends near `target` bytes.
  public init(key: ObjectKey, buffer: PackBuffer, target: Int) {
    self.key = key
    self.buffer = buffer
    self.target = min(target, buffer.capacity)
  }

  /// The buffer that a blob of `storedCount` bytes needs for itself.
  public static func capacity(target: Int, largestBlob: Int) -> Int {
    max(target, largestBlob + 1024) + 2 * 65_536
  }

  /// Bytes of the object if it ended now.
  public var byteCount: Int { Padding.padded(unpadded(end, records.count)) }

  private func unpadded(_ end: Int, _ count: Int) -> Int {
    end + count * BlobRecord.byteCount + AEADContext.tagByteCount + PackLimits.trailerByteCount
  }

  /// Reserves the next place for `storedCount` bytes; nil when the pack is too full for it.
  public func reserve(
    id: BlobID, rawCount: Int, storedCount: Int, isCompressed: Bool
  ) -> Int? {
    let sealedCount = storedCount + AEADContext.tagByteCount
    let length = unpadded(end + sealedCount, records.count + 1)
    guard records.isEmpty || length <= target, records.count < PackLimits.blobCountMax,
      Padding.padded(length) <= min(buffer.capacity, PackLimits.byteCountMax)
    else { return nil }
    let offset = end
    end += sealedCount
    records.append(
      BlobRecord(
        id: id, sealedCount: UInt32(sealedCount), rawCount: UInt32(rawCount),
        isCompressed: isCompressed))
    return offset
  }

  /// Seals `stored` into its place. `cipher` is the caller's own context under `key`.
  public func seal(
    _ stored: UnsafeRawBufferPointer, id: BlobID, at offset: Int, cipher: AEADContext
  ) throws(FormatError) {
    var aad: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    try unsafe withUnsafeMutableBytes(of: &aad) { (aad) throws(FormatError) in
      unsafe id.store(unchecked: aad)
      let place = unsafe UnsafeMutableRawBufferPointer(
        rebasing: buffer.bytes[offset..<offset + stored.count + AEADContext.tagByteCount])
      try unsafe cipher.seal(
        at: UInt64(offset), aad: UnsafeRawBufferPointer(aad), stored, into: place)
    }
  }

  /// Closes the pack after its last `seal` has returned.
  ///
  /// - Parameter created: seconds since 1970, for people.
  /// - Returns: the finished bytes; valid while `buffer` lives and is not used again.
  public func finish(created: UInt64) throws(FormatError) -> UnsafeRawBufferPointer {
    var plain: [UInt8] = []
    plain.reserveCapacity(records.count * BlobRecord.byteCount)
    for record in records { record.append(to: &plain) }
    let total = byteCount
    let object = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<total])
    unsafe object.copyBytes(from: key.header.encoded)
    let footerAt = total - PackLimits.trailerByteCount
    let sealedDirectory = plain.count + AEADContext.tagByteCount
    let directoryAt = footerAt - sealedDirectory
    try unsafe SecureRandom.fill(UnsafeMutableRawBufferPointer(rebasing: object[end..<directoryAt]))
    var footer: [UInt8] = []
    footer.append(le32: UInt32(sealedDirectory))
    footer.append(le32: UInt32(records.count))
    footer.append(le64: created)
    let cipher = try key.cipher()
    try unsafe Self.seal(plain, "dir", at: directoryAt, cipher, object)
    try unsafe Self.seal(footer, "foot", at: footerAt, cipher, object)
    unsafe ObjectTail.write(into: object)
    return UnsafeRawBufferPointer(object)
  }

  private static func seal(
    _ plain: [UInt8], _ aad: String, at offset: Int, _ cipher: AEADContext,
    _ object: UnsafeMutableRawBufferPointer
  ) throws(FormatError) {
    let end = offset + plain.count + AEADContext.tagByteCount
    let place = unsafe UnsafeMutableRawBufferPointer(rebasing: object[offset..<end])
    let aad = Array(aad.utf8)
    try unsafe plain.withRaw { (plain) throws(FormatError) in
      try unsafe aad.withRaw { (aad) throws(FormatError) in
        try unsafe cipher.seal(at: UInt64(offset), aad: aad, plain, into: place)
      }
    }
  }
}
