// SPDX-License-Identifier: Apache-2.0

/// What makes the cuts of a repository its own: without it nobody can tell where a file is cut.
///
/// Format: FORMAT.md, "Chunks and packs".
public struct ChunkerSecrets: Sendable {
  /// Bytes of the gear table.
  public static let gearByteCount = 2048
  /// Bytes of the AES key.
  public static let aesByteCount = 16

  /// The gear table.
  let table: [UInt64]
  /// The same as bytes.
  let gear: [UInt8]
  /// The AES-128 key.
  let aes: [UInt8]

  /// Takes the gear table as 256 little-endian words (2,048 bytes) and the AES-128 key (16 bytes).
  ///
  /// - Throws: ``FormatError`` `.malformed` for another number of bytes.
  public init(gear: [UInt8], aes: [UInt8]) throws(FormatError) {
    guard gear.count == Self.gearByteCount, aes.count == Self.aesByteCount else {
      throw FormatError(.malformed, "chunker secrets")
    }
    self.gear = gear
    self.aes = aes
    table = (0..<256).map { i in
      gear[(8 * i)..<(8 * i + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  /// The gear sum of the last 64 of `bytes`, or of all when there are fewer: the borders of tree
  /// nodes depend on it.
  public func gear(of bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
    var sum: UInt64 = 0
    for byte in bytes.suffix(64) { sum = sum &+ sum &+ table[Int(byte)] }
    return sum
  }
}
