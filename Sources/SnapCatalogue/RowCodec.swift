// SPDX-License-Identifier: Apache-2.0

internal import SnapFormat

/// The value of a row, little-endian: flags (1 byte), links (4), device (8), inode (8), the entry
/// without its path, and a CRC-32C (4) over key and value, since SQLite's pages have none.
enum RowCodec {
  private static let headerCount = 21
  private static let checksumCount = 4
  private static let hasIdentity: UInt8 = 1

  static func encode(_ row: CataloguedEntry, key: [UInt8]) -> [UInt8] {
    let entry = row.entry.encodedWithoutPath()
    var out: [UInt8] = []
    out.reserveCapacity(headerCount + entry.count + checksumCount)
    out.append(row.identity == nil ? 0 : hasIdentity)
    append(UInt64(row.links), count: 4, to: &out)
    append(row.identity?.device ?? 0, count: 8, to: &out)
    append(row.identity?.inode ?? 0, count: 8, to: &out)
    out += entry
    append(UInt64(checksum(key, out)), count: checksumCount, to: &out)
    return out
  }

  /// The row, or nil if it is not what `encode` made for this path.
  static func decode(_ value: ArraySlice<UInt8>, path: [UInt8]) -> CataloguedEntry? {
    guard value.count >= headerCount + checksumCount else { return nil }
    let body = Array(value.dropLast(checksumCount))
    let expected = number(value.suffix(checksumCount))
    guard expected == UInt64(checksum(PathKey.key(of: path), body)) else { return nil }
    guard
      let entry = try? Entry(decodingWithoutPath: body[headerCount...], path: path),
      entry.content.level == 0
    else { return nil }
    var identity: FileIdentity?
    if body[0] & hasIdentity != 0 {
      identity = FileIdentity(device: number(body[5..<13]), inode: number(body[13..<21]))
    }
    return CataloguedEntry(
      entry: entry, identity: identity, links: UInt32(truncatingIfNeeded: number(body[1..<5])))
  }

  private static func checksum(_ key: [UInt8], _ body: [UInt8]) -> UInt32 {
    CRC32C.checksum(body, continuing: CRC32C.checksum(key))
  }

  private static func append(_ value: UInt64, count: Int, to out: inout [UInt8]) {
    for i in 0..<count { out.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * i))) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
