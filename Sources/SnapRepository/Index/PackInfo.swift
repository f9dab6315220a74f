// SPDX-License-Identifier: Apache-2.0

public import SnapFormat

/// What the index says of a pack, without its blobs.
public struct PackInfo: Hashable, Sendable {
  /// The pack's name.
  public let id: ObjectID
  /// Data or tree pack.
  public let kind: ObjectKind
  /// The suite in its header.
  public let suite: CipherSuite
  /// The epoch in its header.
  public let epoch: UInt8
  /// Bytes.
  public let length: UInt64
  /// The run that wrote it.
  public let run: RunID

  init(_ group: IndexGroup) {
    id = group.pack
    kind = group.kind
    suite = group.suite
    epoch = group.epoch
    length = group.length
    run = group.run
  }

  /// The object's name in the backend.
  public var name: String { kind.name(of: id) }

  /// The key for reading its blobs.
  public func key(_ ring: KeyRing) throws(FormatError) -> ObjectKey {
    try ObjectKey(ranged: kind, suite: suite, epoch: epoch, id: id, ring: ring)
  }
}

/// Where a blob lies.
public struct BlobLocation: Hashable, Sendable {
  /// The pack.
  public let pack: PackInfo
  /// Bytes from the start of the pack.
  public let offset: UInt32
  /// Id and lengths.
  public let record: BlobRecord

  /// The bytes of the pack that hold it.
  public var range: Range<Int> { Int(offset)..<Int(offset) + Int(record.sealedCount) }
}
