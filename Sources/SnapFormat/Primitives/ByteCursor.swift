// SPDX-License-Identifier: Apache-2.0

/// Reads little-endian fields of fixed length, never past the end.
struct ByteCursor {
  private let bytes: ArraySlice<UInt8>
  private(set) var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  var remaining: Int { bytes.endIndex - position }

  mutating func take(_ count: Int, _ what: String) throws(FormatError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw FormatError(.truncated, what) }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func u8(_ what: String) throws(FormatError) -> UInt8 {
    try take(1, what)[position - 1]
  }

  mutating func u32(_ what: String) throws(FormatError) -> UInt32 {
    UInt32(truncatingIfNeeded: try number(4, what))
  }

  mutating func u64(_ what: String) throws(FormatError) -> UInt64 { try number(8, what) }

  private mutating func number(_ count: Int, _ what: String) throws(FormatError) -> UInt64 {
    var value: UInt64 = 0
    for (i, byte) in try take(count, what).enumerated() { value |= UInt64(byte) << UInt64(8 * i) }
    return value
  }
}

extension [UInt8] {
  /// Appends four bytes, least significant first.
  mutating func append(le32 value: UInt32) {
    for shift in [0, 8, 16, 24] as [UInt32] { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  /// Appends eight bytes, least significant first.
  mutating func append(le64 value: UInt64) {
    append(le32: UInt32(truncatingIfNeeded: value))
    append(le32: UInt32(truncatingIfNeeded: value >> 32))
  }
}
