// SPDX-License-Identifier: Apache-2.0

/// What an index segment says of one pack. Format: FORMAT.md, "Index segment".
public struct IndexGroup: Hashable, Sendable {
  /// The pack's name.
  public let pack: ObjectID
  /// Data or tree pack.
  public let kind: ObjectKind
  /// The suite in the pack's header.
  public let suite: CipherSuite
  /// The epoch in the pack's header.
  public let epoch: UInt8
  /// Bytes of the pack.
  public let length: UInt64
  /// Seconds since 1970, from the pack's footer.
  public let created: UInt64
  /// The run that wrote the pack.
  public let run: RunID
  /// The pack's directory.
  public let records: [BlobRecord]

  /// Takes the facts.
  public init(
    pack: ObjectID, kind: ObjectKind, suite: CipherSuite, epoch: UInt8, length: UInt64,
    created: UInt64, run: RunID, records: [BlobRecord]
  ) {
    self.pack = pack
    self.kind = kind
    self.suite = suite
    self.epoch = epoch
    self.length = length
    self.created = created
    self.run = run
    self.records = records
  }

  static let headerByteCount = 72

  /// Bytes in a segment.
  public var encodedByteCount: Int {
    Self.headerByteCount + records.count * BlobRecord.byteCount
  }

  /// Appends the group.
  public func append(to out: inout [UInt8]) {
    out.reserveCapacity(out.count + encodedByteCount)
    out += pack.bytes
    out += [kind.rawValue, suite.rawValue, epoch, 0]
    out.append(le32: UInt32(records.count))
    out.append(le64: length)
    out.append(le64: created)
    out += run.bytes
    for record in records { record.append(to: &out) }
  }
}

/// The payload of an index segment: groups, back to back.
public enum IndexSegment {
  /// The most that one segment holds, in bytes.
  public static let byteCountMax = SealedPayload.byteCountMax

  /// Reads all groups.
  ///
  /// - Throws: ``FormatError`` `.truncated`, `.malformed`, `.unsupported`, `.mismatch` when the
  ///   records and the pack's directory, footer and tail do not fit its length. Never
  ///   traps, whatever the bytes.
  public static func decode(_ payload: [UInt8]) throws(FormatError) -> [IndexGroup] {
    var cursor = ByteCursor(payload)
    var groups: [IndexGroup] = []
    while cursor.remaining > 0 { groups.append(try decodeGroup(&cursor)) }
    return groups
  }

  /// Reads one group that begins at the cursor: also the form of the journal.
  static func decodeGroup(_ cursor: inout ByteCursor) throws(FormatError) -> IndexGroup {
    let name = try cursor.take(32, "index group")
    guard let pack = ObjectID(name) else { throw FormatError(.truncated, "index group") }
    guard let kind = ObjectKind(rawValue: try cursor.u8("index group")), kind.isPack else {
      throw FormatError(.malformed, "kind in an index group")
    }
    guard let suite = CipherSuite(rawValue: try cursor.u8("index group")) else {
      throw FormatError(.unsupported, "cipher suite")
    }
    let epoch = try cursor.u8("index group")
    guard try cursor.u8("index group") == 0 else {
      throw FormatError(.malformed, "reserved byte of an index group")
    }
    let count = Int(try cursor.u32("index group"))
    guard count >= 1 else { throw FormatError(.malformed, "index group without blobs") }
    guard count <= PackLimits.blobCountMax else {
      throw FormatError(.tooLarge, "blobs in an index group")
    }
    let length = try cursor.u64("index group")
    let created = try cursor.u64("index group")
    guard let run = RunID(try cursor.take(16, "index group")) else {
      throw FormatError(.truncated, "index group")
    }
    guard count * BlobRecord.byteCount <= cursor.remaining else {
      throw FormatError(.truncated, "index group")
    }
    var records: [BlobRecord] = []
    records.reserveCapacity(count)
    var end = UInt64(ObjectHeader.byteCount)
    for _ in 0..<count {
      let record = try BlobRecord(&cursor)
      end += UInt64(record.sealedCount)
      records.append(record)
    }
    end += UInt64(
      count * BlobRecord.byteCount + AEADContext.tagByteCount + PackLimits.trailerByteCount)
    guard end <= length, length <= UInt64(PackLimits.byteCountMax) else {
      throw FormatError(.mismatch, "lengths in an index group")
    }
    return IndexGroup(
      pack: pack, kind: kind, suite: suite, epoch: epoch, length: length, created: created,
      run: run, records: records)
  }
}
