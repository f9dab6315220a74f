// SPDX-License-Identifier: Apache-2.0

/// Writes a message: protobuf wire format with wire types 0 and 2 only.
///
/// The caller writes fields in ascending order; zero and empty values leave no trace.
/// Format: FORMAT.md, "Encoding of messages"; protobuf.dev, "Encoding".
struct MessageWriter {
  private(set) var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func number(_ field: UInt64, _ value: UInt64) {
    guard value != 0 else { return }
    varint(field << 3)
    varint(value)
  }

  mutating func zigzag(_ field: UInt64, _ value: Int64) {
    number(field, UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  mutating func text(_ field: UInt64, _ value: String) { data(field, Array(value.utf8)) }

  mutating func data(_ field: UInt64, _ value: [UInt8]) {
    guard !value.isEmpty else { return }
    element(field, value)
  }

  /// One element of a repeated field, or a message that is present though empty.
  mutating func element(_ field: UInt64, _ value: [UInt8]) {
    varint(field << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func ids(_ field: UInt64, _ ids: [BlobID]) {
    guard !ids.isEmpty else { return }
    varint(field << 3 | 2)
    varint(UInt64(ids.count * BlobID.byteCount))
    bytes.reserveCapacity(bytes.count + ids.count * BlobID.byteCount)
    for id in ids { id.append(to: &bytes) }
  }

  mutating func packed(_ field: UInt64, _ values: [UInt64]) {
    guard !values.isEmpty else { return }
    var inner = MessageWriter()
    for value in values { inner.varint(value) }
    element(field, inner.bytes)
  }

  mutating func time(_ field: UInt64, _ time: FileTime) {
    zigzag(field, time.seconds)
    number(field + 1, UInt64(time.nanoseconds))
  }

  /// Bytes of fields that were encoded elsewhere.
  mutating func raw(_ encoded: [UInt8]) { bytes += encoded }

  /// The message with its fields in ascending order; equal numbers keep theirs.
  func ascending() -> [UInt8] {
    var fields: [(number: UInt64, encoded: ArraySlice<UInt8>)] = []
    var reader = MessageReader(bytes)
    while let field = try? reader.next("message") { fields.append((field.number, field.encoded)) }
    // The standard sort is stable, though not promised to be: the place decides too.
    let order = fields.indices.sorted { (fields[$0].number, $0) < (fields[$1].number, $1) }
    return order.flatMap { fields[$0].encoded }
  }
}

/// One field of a message.
struct MessageField {
  let number: UInt64
  let value: Value
  /// The field as it stands, tag included.
  let encoded: ArraySlice<UInt8>

  enum Value {
    case number(UInt64)
    case data(ArraySlice<UInt8>)
  }

  func number(_ what: String) throws(FormatError) -> UInt64 {
    guard case .number(let value) = value else { throw FormatError(.malformed, what) }
    return value
  }

  func zigzag(_ what: String) throws(FormatError) -> Int64 {
    let value = try number(what)
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  func u32(_ what: String) throws(FormatError) -> UInt32 {
    guard let value = UInt32(exactly: try number(what)) else {
      throw FormatError(.tooLarge, what)
    }
    return value
  }

  func data(_ what: String) throws(FormatError) -> ArraySlice<UInt8> {
    guard case .data(let value) = value else { throw FormatError(.malformed, what) }
    return value
  }

  func bytes(_ count: Int, _ what: String) throws(FormatError) -> [UInt8] {
    let value = try data(what)
    guard value.count == count else { throw FormatError(.malformed, "length of \(what)") }
    return Array(value)
  }

  func text(_ what: String) throws(FormatError) -> String {
    String(decoding: try data(what), as: UTF8.self)
  }

  func id(_ what: String) throws(FormatError) -> BlobID {
    guard let id = BlobID(try data(what)) else {
      throw FormatError(.malformed, "length of \(what)")
    }
    return id
  }

  func ids(_ what: String) throws(FormatError) -> [BlobID] {
    let value = try data(what)
    guard value.count % BlobID.byteCount == 0 else {
      throw FormatError(.malformed, "length of \(what)")
    }
    return unsafe value.withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: BlobID.byteCount).map {
        unsafe BlobID(unchecked: raw, at: $0)
      }
    }
  }

  func packed(_ what: String) throws(FormatError) -> [UInt64] {
    var reader = MessageReader(try data(what))
    var out: [UInt64] = []
    while !reader.isAtEnd { out.append(try reader.varint(what)) }
    return out
  }
}

/// Reads a message field by field; never traps, whatever the bytes.
struct MessageReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  var isAtEnd: Bool { position == bytes.endIndex }

  mutating func varint(_ what: String) throws(FormatError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.endIndex {
      let byte = bytes[position]
      position += 1
      // The tenth byte may only hold the last bit of 64.
      guard shift < 63 || byte <= 1 else { throw FormatError(.malformed, "number in \(what)") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw FormatError(.truncated, "number in \(what)")
  }

  /// The next field, or nil at the end.
  mutating func next(_ what: String) throws(FormatError) -> MessageField? {
    guard !isAtEnd else { return nil }
    let start = position
    let tag = try varint(what)
    guard tag >> 3 != 0 else { throw FormatError(.malformed, "field number in \(what)") }
    switch tag & 7 {
    case 0:
      let value = try varint(what)
      return MessageField(
        number: tag >> 3, value: .number(value), encoded: bytes[start..<position])
    case 2:
      let count = try varint(what)
      guard count <= UInt64(bytes.endIndex - position) else {
        throw FormatError(.truncated, "field of \(what)")
      }
      let begin = position
      position += Int(count)
      return MessageField(
        number: tag >> 3, value: .data(bytes[begin..<position]), encoded: bytes[start..<position])
    default:
      throw FormatError(.malformed, "wire type in \(what)")
    }
  }
}
