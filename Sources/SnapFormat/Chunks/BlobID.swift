// SPDX-License-Identifier: Apache-2.0

/// Names a blob: the HMAC-SHA-256 of its plaintext under the repository's id key. 32 bytes.
///
/// Four words keep it free of heap memory. Format: FORMAT.md, "Chunks and packs".
public struct BlobID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The 32 bytes as big-endian words, so that comparing words compares bytes.
  @usableFromInline let words: (UInt64, UInt64, UInt64, UInt64)

  /// The number of bytes.
  public static let byteCount = 32

  /// The id that stands for a hole: 32 zero bytes.
  public static let hole = BlobID(0, 0, 0, 0)

  init(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) { words = (a, b, c, d) }

  /// Reads the 32 bytes that begin at `offset`.
  ///
  /// The caller proves that they exist; unaligned addresses are fine.
  public init(unchecked bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    words = unsafe (
      bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian,
      bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self).bigEndian,
      bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self).bigEndian,
      bytes.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self).bigEndian
    )
  }

  /// Takes exactly 32 bytes; nil for any other number.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    var value: [UInt64] = [0, 0, 0, 0]
    for (i, byte) in bytes.enumerated() { value[i >> 3] = value[i >> 3] << 8 | UInt64(byte) }
    words = (value[0], value[1], value[2], value[3])
  }

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(hex: String) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    var out = [UInt8]()
    out.reserveCapacity(32)
    append(to: &out)
    return out
  }

  /// Appends the 32 bytes.
  public func append(to out: inout [UInt8]) {
    var big = (
      words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
    )
    unsafe withUnsafeBytes(of: &big) { unsafe out.append(contentsOf: $0) }
  }

  /// Writes the 32 bytes at `offset`; the caller proves that there is room.
  public func store(unchecked bytes: UnsafeMutableRawBufferPointer, at offset: Int = 0) {
    unsafe bytes.storeBytes(of: words.0.bigEndian, toByteOffset: offset, as: UInt64.self)
    unsafe bytes.storeBytes(of: words.1.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
    unsafe bytes.storeBytes(of: words.2.bigEndian, toByteOffset: offset + 16, as: UInt64.self)
    unsafe bytes.storeBytes(of: words.3.bigEndian, toByteOffset: offset + 24, as: UInt64.self)
  }

  /// The first byte, on which the cutting of chunk lists depends.
  public var firstByte: UInt8 { UInt8(truncatingIfNeeded: words.0 >> 56) }

  /// The first eight bytes as a number, for sorted tables.
  public var prefix: UInt64 { words.0 }

  /// The order of the bytes.
  public static func < (a: BlobID, b: BlobID) -> Bool {
    if a.words.0 != b.words.0 { return a.words.0 < b.words.0 }
    if a.words.1 != b.words.1 { return a.words.1 < b.words.1 }
    if a.words.2 != b.words.2 { return a.words.2 < b.words.2 }
    return a.words.3 < b.words.3
  }

  /// Equal if all 32 bytes are.
  public static func == (a: BlobID, b: BlobID) -> Bool {
    a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2
      && a.words.3 == b.words.3
  }

  /// Hashes the first words, which are uniform already.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }

  /// 64 hexadecimal digits.
  public var description: String { Hex.encode(bytes) }
}
