// SPDX-License-Identifier: Apache-2.0

@testable import SnapFormat

/// Sealed objects, packs, index and tombstones.
extension VectorRunner {
  static func padding(_ v: VectorCase) throws {
    v.gives("lengths", list: try v.numbers("lengths").map { Padding.padded($0) })
  }

  static func sealed(_ v: VectorCase) throws {
    let (kind, name, ring) = (try v.kind(), try v.name(), try v.ring())
    let (header, payload) = try SealedPayload.open(v.payload, kind: kind, id: name, ring: ring)
    v.gives("run", header.run.bytes)
    v.gives("payload", payload)
    v.gives("commit", header.commit)
    v.gives("key", try ObjectKey(opening: header, with: ring).key)
    // Where the salt is the secret itself, sealing again gives the same bytes; compressed ones
    // depend on the library.
    guard kind.protection == .none, let keys = ring.epoch(header.epoch) else { return }
    let key = try ObjectKey(
      kind: kind, epoch: keys, suite: header.suite, run: header.run, secret: name.bytes)
    let again = try SealedPayload.seal(payload, key: key, compressor: nil)
    let isStored = again.count <= v.payload.count
    if isStored { v.encodes(again) }
    v.require(Array(again.prefix(88)) == Array(v.payload.prefix(88)), "header sealed again")
  }

  static func blob(_ v: VectorCase) throws {
    let ring = try v.ring()
    guard let suite = CipherSuite(rawValue: UInt8(truncatingIfNeeded: try v.number("suite"))),
      let id = BlobID(hex: try v.word("id"))
    else { throw VectorCase.MissingKey(key: "suite or id") }
    let key = try ObjectKey(
      ranged: v.kind(), suite: suite, epoch: UInt8(truncatingIfNeeded: v.number("epoch")),
      id: v.name(), ring: ring)
    let record = BlobRecord(
      id: id, sealedCount: UInt32(v.payload.count),
      rawCount: UInt32(truncatingIfNeeded: try v.number("raw-length")),
      isCompressed: try v.number("comp") == 1)
    let plain = try unsafe v.payload.withUnsafeBytes { sealed in
      try unsafe BlobOpener(dedup: ring.dedup).open(
        record, at: v.number("offset"), sealed: sealed, cipher: key.cipher(),
        isTree: v.kind() == .treePack
      ) { unsafe Array($0) }
    }
    v.gives("plain", plain)
    v.gives("key", key.key)
  }

  static func pack(_ v: VectorCase) throws {
    let pack = v.payload
    let (kind, ring) = (try v.kind(), try v.ring())
    let header = try ObjectHeader(whole: pack, kind: kind, id: v.name())
    let key = try ObjectKey(opening: header, with: ring)
    let directory = try PackDirectory(tail: pack, objectLength: UInt64(pack.count), key: key)
    let opener = try BlobOpener(dedup: ring.dedup)
    let cipher = try key.cipher()
    v.gives("run", header.run.bytes)
    v.gives("created", directory.created)
    v.gives("ids", list: directory.records.map(\.id))
    var offset = ObjectHeader.byteCount
    var offsets: [Int] = []
    for (i, record) in directory.records.enumerated() {
      let sealed = Array(pack[offset..<offset + Int(record.sealedCount)])
      let plain = try unsafe sealed.withUnsafeBytes { sealed in
        try unsafe opener.open(
          record, at: UInt64(offset), sealed: sealed, cipher: cipher, isTree: kind == .treePack
        ) { unsafe Array($0) }
      }
      v.gives("plain-\(i)", plain)
      offsets.append(offset)
      offset += sealed.count
    }
    v.gives("offsets", list: offsets)
    // A short tail is enough, and tells how much is needed.
    let needed = try PackDirectory.tailByteCount(
      Array(pack.suffix(48)), objectLength: UInt64(pack.count), key: key)
    let again = try PackDirectory(
      tail: Array(pack.suffix(needed)), objectLength: UInt64(pack.count), key: key)
    v.require(again == directory, "directory of the tail alone")
  }

  static func index(_ v: VectorCase) throws {
    let groups = try IndexSegment.decode(v.payload)
    v.gives("packs", list: groups.map(\.pack))
    v.gives("kinds", list: groups.map(\.kind.rawValue))
    v.gives("suites", list: groups.map(\.suite.rawValue))
    v.gives("lengths", list: groups.map(\.length))
    v.gives("counts", list: groups.map(\.records.count))
    var ids: [BlobID] = []
    var offsets: [UInt64] = []
    var out: [UInt8] = []
    for group in groups {
      var offset: UInt64 = 88
      for record in group.records {
        ids.append(record.id)
        offsets.append(offset)
        offset += UInt64(record.sealedCount)
      }
      group.append(to: &out)
    }
    v.gives("ids", list: ids)
    v.gives("offsets", list: offsets)
    v.encodes(out)
  }

  static func tombstone(_ v: VectorCase) throws {
    let tombstone = try Tombstone(decoding: v.payload)
    v.gives("run", tombstone.run.bytes)
    v.gives("data", list: tombstone.dataPacks)
    v.encodes(tombstone.encoded())
  }
}
