// SPDX-License-Identifier: Apache-2.0

/// The first 88 bytes of a sealed object. Format: FORMAT.md, "Sealed object".
public struct ObjectHeader: Hashable, Sendable {
  /// What the object is.
  public let kind: ObjectKind
  /// What sealed it.
  public let suite: CipherSuite
  /// The key epoch that sealed it.
  public let epoch: UInt8
  /// Its name, which is the salt of its key.
  public let id: ObjectID
  /// The run that wrote it.
  public let run: RunID
  /// The commitment to its key.
  let commit: [UInt8]

  /// Bytes of a header.
  public static let byteCount = 88
  /// The only object layout that this version reads.
  public static let version: UInt8 = 1
  static let magic = Array("SNAP".utf8)

  init(
    kind: ObjectKind, suite: CipherSuite, epoch: UInt8, id: ObjectID, run: RunID, commit: [UInt8]
  ) {
    self.kind = kind
    self.suite = suite
    self.epoch = epoch
    self.id = id
    self.run = run
    self.commit = commit
  }

  /// Reads a header.
  ///
  /// - Throws: ``FormatError`` `.truncated`, `.malformed` (magic), `.unsupported` (a newer version,
  ///   suite or kind). Never traps, whatever the bytes.
  public init(decoding bytes: ArraySlice<UInt8>) throws(FormatError) {
    var cursor = ByteCursor(bytes)
    guard try cursor.take(4, "header") == Self.magic[...] else {
      throw FormatError(.malformed, "magic")
    }
    guard try cursor.u8("header") == Self.version else {
      throw FormatError(.unsupported, "object version")
    }
    guard let kind = ObjectKind(rawValue: try cursor.u8("header")) else {
      throw FormatError(.unsupported, "object kind")
    }
    guard let suite = CipherSuite(rawValue: try cursor.u8("header")) else {
      throw FormatError(.unsupported, "cipher suite")
    }
    self.kind = kind
    self.suite = suite
    epoch = try cursor.u8("header")
    guard let id = ObjectID(try cursor.take(32, "header")),
      let run = RunID(try cursor.take(16, "header"))
    else { throw FormatError(.truncated, "header") }
    self.id = id
    self.run = run
    commit = Array(try cursor.take(32, "header"))
  }

  /// Checks all of a whole object that needs no key, in the order of FORMAT.md 3.5, and reads its
  /// header: what a newer version wrote is told apart only after damage.
  ///
  /// - Throws: ``FormatError``: those of ``ObjectTail/check(_:)``, `.unsupported`, `.mismatch` when
  ///   kind or name are not the expected ones. Never traps, whatever the bytes.
  public init(whole object: [UInt8], kind: ObjectKind, id: ObjectID) throws(FormatError) {
    try ObjectTail.check(object)
    try self.init(decoding: object[...])
    guard self.kind == kind, self.id == id else {
      throw FormatError(.mismatch, "object name or kind")
    }
  }

  /// The 88 bytes.
  public var encoded: [UInt8] { prefix8 + id.bytes + run.bytes + commit }

  var prefix8: [UInt8] {
    Self.prefix8(kind: kind, suite: suite.rawValue, epoch: epoch)
  }

  static func prefix8(kind: ObjectKind, suite: UInt8, epoch: UInt8) -> [UInt8] {
    magic + [version, kind.rawValue, suite, epoch]
  }
}

/// The last 16 bytes of a sealed object, which anybody can check.
///
/// Format: FORMAT.md, "Sealed object".
public enum ObjectTail {
  /// Bytes of a tail.
  public static let byteCount = 16
  static let magic = Array("PANS".utf8)

  /// Writes the tail into the last 16 bytes of `object`, whose other bytes are final.
  static func write(into object: UnsafeMutableRawBufferPointer) {
    let at = object.count - byteCount
    let length = UInt64(object.count).littleEndian
    unsafe object.storeBytes(of: length, toByteOffset: at, as: UInt64.self)
    let covered = unsafe UnsafeRawBufferPointer(rebasing: object[..<(object.count - 8)])
    let sum = unsafe CRC32C.checksum(covered)
    unsafe object.storeBytes(of: sum.littleEndian, toByteOffset: at + 8, as: UInt32.self)
    for (i, byte) in magic.enumerated() {
      unsafe object.storeBytes(of: byte, toByteOffset: at + 12 + i, as: UInt8.self)
    }
  }

  /// Checks both magics, length and checksum: no key is needed.
  ///
  /// - Throws: ``FormatError`` `.truncated`, `.malformed` (magic), `.mismatch` (length),
  ///   `.checksum`.
  public static func check(_ object: [UInt8]) throws(FormatError) {
    guard object.count >= ObjectHeader.byteCount + byteCount else {
      throw FormatError(.truncated, "object")
    }
    guard object.starts(with: ObjectHeader.magic) else { throw FormatError(.malformed, "magic") }
    var cursor = ByteCursor(object.suffix(byteCount))
    let length = try cursor.u64("tail")
    let sum = try cursor.u32("tail")
    guard try cursor.take(4, "tail") == magic[...] else { throw FormatError(.malformed, "tail") }
    guard length == UInt64(object.count) else { throw FormatError(.mismatch, "object length") }
    let actual = unsafe object.withUnsafeBytes { raw in
      unsafe CRC32C.checksum(UnsafeRawBufferPointer(rebasing: raw[..<(raw.count - 8)]))
    }
    guard sum == actual else { throw FormatError(.checksum, "object") }
  }

  /// Checks the 16 bytes of a tail against the length of the object, without the checksum.
  static func checkLength(_ tail: ArraySlice<UInt8>, objectLength: UInt64) throws(FormatError) {
    var cursor = ByteCursor(tail)
    let length = try cursor.u64("tail")
    _ = try cursor.u32("tail")
    guard try cursor.take(4, "tail") == magic[...] else { throw FormatError(.malformed, "tail") }
    guard length == objectLength else { throw FormatError(.mismatch, "object length") }
  }
}

/// The lengths that objects are padded to: Padmé, capped at 64 KiB.
///
/// Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files …" (PETS 2019), §4.
public enum Padding {
  /// The length that an object of `length` bytes gets.
  public static func padded(_ length: Int) -> Int {
    guard length >= 256 else { return 256 }
    let e = Int.bitWidth - 1 - length.leadingZeroBitCount
    let s = Int.bitWidth - e.leadingZeroBitCount
    let unit = 1 << min(e - s, 16)
    return (length + unit - 1) / unit * unit
  }
}
