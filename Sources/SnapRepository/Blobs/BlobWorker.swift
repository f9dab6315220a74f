// SPDX-License-Identifier: Apache-2.0

public import SnapFormat

/// What one thread needs to turn plaintext into sealed blobs: contexts and buffers, used again and
/// again. Not thread-safe.
@safe public final class BlobWorker: @unchecked Sendable {
  // Sendable: handed from task to task, used by one at a time.
  /// Names chunks.
  public let dataIDs: MAC
  /// Names metadata.
  public let treeIDs: MAC
  let compressor: Compressor
  private var scratch: UnsafeMutableRawBufferPointer
  // By the pack's name: an address could come back for another pack with another key.
  private var ciphers: [(pack: ObjectID, cipher: AEADContext)] = []

  /// Contexts for one repository.
  ///
  /// - Throws: ``FormatError`` `.noKey` when the first master is missing, `.library`.
  public init(ring: KeyRing, zstdLevel: Int) throws(FormatError) {
    guard let dedup = ring.dedup else {
      throw FormatError(.noKey, "the first recovery key is missing: nothing can be added")
    }
    dataIDs = try dedup.dataIDs()
    treeIDs = try dedup.treeIDs()
    compressor = try Compressor(level: zstdLevel)
    unsafe scratch = .allocate(byteCount: 64 * 1024, alignment: 64)
  }

  deinit { unsafe scratch.deallocate() }

  /// The stored form of a blob: compressed where that is smaller.
  func compressed(
    _ raw: UnsafeRawBufferPointer
  ) -> (stored: UnsafeRawBufferPointer, isCompressed: Bool) {
    // Photos never need the room for their compressed form.
    guard unsafe compressor.mayShrink(raw, scratch: scratch) else { return unsafe (raw, false) }
    if unsafe scratch.count < raw.count {
      unsafe scratch.deallocate()
      unsafe scratch = .allocate(byteCount: raw.count, alignment: 64)
    }
    guard let count = unsafe compressor.compress(raw, into: scratch) else {
      return unsafe (raw, false)
    }
    return unsafe (UnsafeRawBufferPointer(rebasing: scratch[..<count]), true)
  }

  /// This thread's cipher under the key of an open pack.
  func cipher(for pack: PackBuilder) throws(FormatError) -> AEADContext {
    let id = pack.key.header.id
    if let known = ciphers.first(where: { $0.pack == id }) { return known.cipher }
    let cipher = try pack.key.cipher()
    // Two open packs a kind: more than four are packs that are closed already.
    if ciphers.count >= 4 { ciphers.removeFirst() }
    ciphers.append((id, cipher))
    return cipher
  }

  func forget(_ pack: PackBuilder) {
    ciphers.removeAll { $0.pack == pack.key.header.id }
  }
}
