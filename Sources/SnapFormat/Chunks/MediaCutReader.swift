// SPDX-License-Identifier: Apache-2.0

/// Reads numbers at any place of untrusted bytes; nil where the bytes end.
@safe struct MediaCutReader {
  private let bytes: UnsafeRawBufferPointer
  /// Whether numbers begin with their most significant byte.
  var isBigEndian = true

  /// The caller keeps `bytes` valid as long as the reader.
  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
    count = UInt64(bytes.count)
  }

  /// How many bytes there are.
  let count: UInt64

  func u8(_ offset: UInt64) -> UInt8? {
    guard offset < count else { return nil }
    return unsafe bytes[Int(offset)]
  }

  func u16(_ offset: UInt64) -> UInt64? { number(offset, 2) }

  func u32(_ offset: UInt64) -> UInt64? { number(offset, 4) }

  func u64(_ offset: UInt64) -> UInt64? { number(offset, 8) }

  /// Whether the bytes from `offset` on are those of `text`.
  func has(_ text: StaticString, at offset: UInt64) -> Bool {
    guard holds(offset, UInt64(text.utf8CodeUnitCount)) else { return false }
    return text.withUTF8Buffer { text in
      unsafe text.elementsEqual(bytes[Int(offset)..<Int(offset) + text.count])
    }
  }

  /// Whether `length` bytes from `offset` on are there.
  func holds(_ offset: UInt64, _ length: UInt64) -> Bool {
    offset <= count && length <= count - offset
  }

  private func number(_ offset: UInt64, _ length: UInt64) -> UInt64? {
    guard holds(offset, length) else { return nil }
    var value: UInt64 = 0
    for i in 0..<length {
      let at = isBigEndian ? offset + i : offset + length - 1 - i
      value = unsafe value << 8 | UInt64(bytes[Int(at)])
    }
    return value
  }
}
