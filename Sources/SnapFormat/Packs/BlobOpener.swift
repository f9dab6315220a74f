// SPDX-License-Identifier: Apache-2.0

/// Opens sealed blobs: authenticates, decompresses, recomputes the id. One per thread.
///
/// Its buffers grow to the largest blob seen and are used again.
@safe public final class BlobOpener {
  private let decompressor: Decompressor
  private let dataIDs: MAC?
  private let treeIDs: MAC?
  private var stored = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var raw = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// An opener for the blobs of one repository.
  ///
  /// Without dedup keys (a lost first master) ids cannot be recomputed: the seal alone vouches,
  /// which binds the id too.
  public init(dedup: DedupKeys?) throws(FormatError) {
    decompressor = try Decompressor()
    dataIDs = try dedup?.dataIDs()
    treeIDs = try dedup?.treeIDs()
  }

  deinit {
    unsafe stored.deallocate()
    unsafe raw.deallocate()
  }

  /// Opens the blob whose ciphertext lies at `offset` of its pack, and hands its plaintext to
  /// `use`.
  ///
  /// The bytes are valid only during the call.
  ///
  /// - Throws: ``FormatError`` `.truncated`, `.notAuthentic`, `.malformed`, `.mismatch` (length or
  ///   id); what `use` throws goes through.
  public func open<Result>(
    _ record: BlobRecord, at offset: UInt64, sealed: UnsafeRawBufferPointer, cipher: AEADContext,
    isTree: Bool, _ use: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    guard sealed.count == Int(record.sealedCount), sealed.count > AEADContext.tagByteCount else {
      throw FormatError(.truncated, "blob")
    }
    let storedCount = sealed.count - AEADContext.tagByteCount
    unsafe Self.grow(&stored, storedCount)
    let plain = unsafe UnsafeMutableRawBufferPointer(rebasing: stored[..<storedCount])
    var aad: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    try unsafe withUnsafeMutableBytes(of: &aad) { (aad) throws(FormatError) in
      unsafe record.id.store(unchecked: aad)
      try unsafe cipher.open(at: offset, aad: UnsafeRawBufferPointer(aad), sealed, into: plain)
    }
    let rawCount = Int(record.rawCount)
    var content = UnsafeRawBufferPointer(plain)
    if record.isCompressed {
      unsafe Self.grow(&raw, rawCount)
      let out = unsafe UnsafeMutableRawBufferPointer(rebasing: raw[..<rawCount])
      try unsafe decompressor.decompress(content, into: out)
      unsafe content = UnsafeRawBufferPointer(out)
    }
    guard content.count == rawCount else { throw FormatError(.mismatch, "length of a blob") }
    if let ids = isTree ? treeIDs : dataIDs {
      guard try unsafe ids.id(of: content) == record.id else {
        throw FormatError(.mismatch, "content of a blob differs from its id")
      }
    }
    return try unsafe use(content)
  }

  private static func grow(_ buffer: inout UnsafeMutableRawBufferPointer, _ count: Int) {
    guard buffer.count < count else { return }
    unsafe buffer.deallocate()
    unsafe buffer = .allocate(byteCount: max(count, 64 * 1024), alignment: 64)
  }
}
