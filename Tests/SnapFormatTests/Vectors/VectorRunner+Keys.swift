// SPDX-License-Identifier: Apache-2.0

@testable import SnapFormat

/// Keys, slots, recovery, marker and configuration.
extension VectorRunner {
  /// The master of the vectors unless they say otherwise.
  static func master(epoch: UInt8 = 0) throws -> MasterKey {
    let bytes = epoch == 0 ? [UInt8](0..<32) : [UInt8](repeating: 0xfe, count: 32)
    return try MasterKey(epoch: epoch, bytes: bytes)
  }

  static func keys(_ v: VectorCase) throws {
    let epoch = UInt8(truncatingIfNeeded: try v.number("epoch"))
    let master = try MasterKey(epoch: epoch, bytes: v.bytes("master"))
    let keys = try EpochKeys(master)
    let dedup = try DedupKeys(master)
    v.gives("id-data", dedup.idData)
    v.gives("id-tree", dedup.idTree)
    v.gives("chunk", dedup.chunk)
    v.gives("write", keys.write)
    v.gives("read-data", keys.readData ?? [])
    v.gives("read-data-public", keys.readDataPublic)
    v.gives("read-meta", keys.readMeta ?? [])
    v.gives("read-meta-public", keys.readMetaPublic)
    v.gives("admin", try keys.adminSeed())
    v.gives("admin-public", keys.adminPublic)
    v.gives("ring", try master.sub("ring"))
    v.gives("hardlink", try HKDF.expand(dedup.idTree, "snap/1/hardlink", 32))
    v.gives("hardlink-field", try dedup.hardlinkTag(firstPath: v.bytes("hardlink-path")))
    let media = try HKDF.expand(dedup.idData, "snap/1/media", 32)
    v.gives("media", media)
    v.gives("media-field", try MAC.tag(key: media, v.bytes("media-payload")))
    v.gives("id-data-of-nothing", try dedup.dataIDs().id(of: []).bytes)
    v.gives("id-tree-of-nothing", try dedup.treeIDs().id(of: []).bytes)
  }

  static func crc32c(_ v: VectorCase) throws {
    v.gives("crc", hex: UInt64(CRC32C.checksum(v.payload)), digits: 8)
  }

  static func recovery(_ v: VectorCase) throws {
    let key = try RecoveryKey(parsing: String(decoding: v.payload, as: UTF8.self))
    let repositoryID = try v.bytes("repository-id")
    guard key.belongs(to: repositoryID) else {
      throw FormatError(.mismatch, "recovery key of another repository")
    }
    v.gives("epoch", key.master.epoch)
    v.gives("master", key.master.bytes)
    v.gives("text", Array(try key.text().utf8))
    v.require(
      RecoveryKey(master: key.master, repositoryID: repositoryID) == key, "made again it differs")
  }

  static func marker(_ v: VectorCase) throws {
    let id = try Marker.decode(v.payload)
    v.gives("repository-id", id)
    v.encodes(try Marker.encoded(repositoryID: id))
  }

  static func ring(_ v: VectorCase) throws {
    let ring = try KeyRing(decoding: v.payload)
    v.gives("role", ring.role.rawValue)
    v.gives("epochs", list: ring.epochs.map(\.number))
    v.gives("id-data", ring.dedup?.idData ?? [])
    v.encodes(ring.encoded())
  }

  static func slot(_ v: VectorCase) throws {
    let slot = try KeySlot(decoding: v.payload)
    guard let ring = try slot.open(secret(v, slot.kdf)) else {
      return v.require(false, "the secret is of another kind")
    }
    v.gives("role", ring.role.rawValue)
    v.gives("ring", ring.encoded())
    v.gives("label", Array(slot.label.utf8))
    let again = try KeySlot(
      wrapping: ring, kdf: slot.kdf, secret: secret(v, slot.kdf), label: slot.label,
      salt: slot.salt)
    v.encodes(try again.encoded())
  }

  private static func secret(_ v: VectorCase, _ kdf: KeySlot.KDF) throws -> KeySlot.Secret {
    switch kdf {
    case .argon2id, .scrypt: return .password(try v.bytes("password"))
    case .keyFile: return .keyFile(try v.bytes("key-file"))
    case .keyFileAndPassword:
      return .passwordAndKeyFile(try v.bytes("password"), try v.bytes("key-file"))
    case .master:
      let epoch = UInt8(truncatingIfNeeded: try v.number("epoch"))
      return .master(try MasterKey(epoch: epoch, bytes: v.bytes("master")))
    }
  }

  static func configuration(_ v: VectorCase) throws {
    let none = [UInt8](repeating: 0, count: 32)
    let keys = EpochKeys(
      number: 0, write: none, readMeta: nil, readMetaPublic: none, readDataPublic: none,
      adminPublic: try v.bytes("admin-public"))
    let ring = KeyRing(role: .writeOnly, epochs: [keys], dedup: nil)
    let configuration = try Configuration(decoding: v.payload, epoch: 0, ring: ring)
    v.gives("repository-id", configuration.repositoryID)
    v.gives("seq", configuration.sequence)
    v.gives("created", configuration.created)
    v.gives("average", configuration.chunker.average)
    v.gives("chunker", configuration.chunker.algorithm.rawValue)
    v.gives("data-pack", configuration.dataPackTarget)
    v.gives("tree-pack", configuration.treePackTarget)
    v.gives("level", configuration.zstdLevel)
    v.gives("read-features", list: configuration.readFeatures)
    v.gives("write-features", list: configuration.writeFeatures)
    v.gives("collect-features", list: configuration.collectFeatures)
    v.gives("grace", configuration.grace)
    v.gives("lag", configuration.lag)
    v.gives("run-expiry", configuration.runExpiry)
    v.gives("inline", configuration.inlineLimit)
    v.gives("copies", configuration.metadataCopies)
    v.require(
      Configuration.sequence(inMessage: v.payload) ?? 0 == configuration.sequence, "sequence")
    let full = try KeyRing(masters: [master()])
    if full.epochs[0].adminPublic == keys.adminPublic {
      let again = try Configuration(
        decoding: configuration.encoded(signedBy: full), epoch: 0, ring: full)
      v.require(again == configuration, "signed again it differs")
    }
  }
}
