// SPDX-License-Identifier: Apache-2.0

/// What a set of keys may do. Format: FORMAT.md, "Keys".
public enum Role: String, Sendable, CaseIterable {
  /// Backs up and deduplicates; cannot read a byte of any backup.
  case writeOnly = "write"
  /// Lists, browses, forgets, prunes; cannot read file content.
  case metadata
  /// Everything.
  case full
}

/// A random master key and its epoch: all other keys follow from it.
public struct MasterKey: Hashable, Sendable {
  /// The generation, from 0.
  public let epoch: UInt8
  /// 32 random bytes.
  let bytes: [UInt8]

  /// A new random master.
  ///
  /// - Throws: ``FormatError`` `.library` when random numbers fail.
  public init(newEpoch epoch: UInt8) throws(FormatError) {
    self.epoch = epoch
    bytes = try SecureRandom.bytes(32)
  }

  init(epoch: UInt8, bytes: [UInt8]) throws(FormatError) {
    guard bytes.count == 32 else { throw FormatError(.malformed, "master key") }
    self.epoch = epoch
    self.bytes = bytes
  }

  func sub(_ label: String) throws(FormatError) -> [UInt8] {
    try HKDF.expand(bytes, "snap/1/" + label, 32)
  }
}

/// The keys of one epoch, as far as a role has them.
public struct EpochKeys: Hashable, Sendable {
  /// The epoch.
  public let number: UInt8
  /// The master, in the full role.
  public let master: MasterKey?
  /// K_w, which seals everything.
  let write: [UInt8]
  let readMeta: [UInt8]?
  let readMetaPublic: [UInt8]
  let readData: [UInt8]?
  let readDataPublic: [UInt8]
  /// The public key that configurations are signed with.
  let adminPublic: [UInt8]

  init(_ master: MasterKey) throws(FormatError) {
    number = master.epoch
    self.master = master
    write = try master.sub("write")
    let meta = try master.sub("read-meta")
    let data = try master.sub("read-data")
    readMeta = meta
    readData = data
    readMetaPublic = try X25519.publicKey(of: meta)
    readDataPublic = try X25519.publicKey(of: data)
    adminPublic = try Ed25519.publicKey(of: master.sub("admin"))
  }

  init(
    number: UInt8, write: [UInt8], readMeta: [UInt8]?, readMetaPublic: [UInt8],
    readDataPublic: [UInt8], adminPublic: [UInt8]
  ) {
    self.number = number
    master = nil
    self.write = write
    self.readMeta = readMeta
    self.readMetaPublic = readMetaPublic
    readData = nil
    self.readDataPublic = readDataPublic
    self.adminPublic = adminPublic
  }

  func readerPublic(for kind: ObjectKind) -> [UInt8]? {
    switch kind.protection {
    case .none: nil
    case .readMeta: readMetaPublic
    case .readData: readDataPublic
    }
  }

  func readerSecret(for kind: ObjectKind) -> [UInt8]? {
    switch kind.protection {
    case .none: nil
    case .readMeta: readMeta
    case .readData: readData
    }
  }

  /// The seed that signs configurations, in the full role.
  func adminSeed() throws(FormatError) -> [UInt8] {
    guard let master else { throw FormatError(.noKey, "signing the configuration") }
    return try master.sub("admin")
  }
}

/// The secrets behind ids and chunk borders; they stay when keys are rotated.
public struct DedupKeys: Hashable, Sendable {
  /// Key of chunk ids.
  let idData: [UInt8]
  /// Key of metadata ids.
  let idTree: [UInt8]
  /// Seed of the chunker.
  let chunk: [UInt8]

  init(idData: [UInt8], idTree: [UInt8], chunk: [UInt8]) {
    self.idData = idData
    self.idTree = idTree
    self.chunk = chunk
  }

  init(_ first: MasterKey) throws(FormatError) {
    idData = try first.sub("id-data")
    idTree = try first.sub("id-tree")
    chunk = try first.sub("chunk")
  }

  /// The secrets of the chunker.
  public func chunkerSecrets() throws(FormatError) -> ChunkerSecrets {
    try ChunkerSecrets(
      gear: HKDF.expand(chunk, "gear", 2048), aes: HKDF.expand(chunk, "aes", 16))
  }

  /// Names chunks; one per thread.
  public func dataIDs() throws(FormatError) -> MAC { try MAC(key: idData) }

  /// Names metadata; one per thread.
  public func treeIDs() throws(FormatError) -> MAC { try MAC(key: idTree) }

  /// Field 18 of entries whose inode is first seen under `path`: 8 bytes.
  public func hardlinkTag(firstPath path: [UInt8]) throws(FormatError) -> [UInt8] {
    let key = try HKDF.expand(idTree, "snap/1/hardlink", 32)
    return Array(try MAC.tag(key: key, path).prefix(8))
  }
}

/// All keys that one role has. Format: FORMAT.md, "Key ring".
public struct KeyRing: Hashable, Sendable {
  /// What these keys may do.
  public let role: Role
  /// One entry for every epoch from 0 on, ascending.
  public let epochs: [EpochKeys]
  /// The secrets of deduplication; nil when the first master is missing (a rotated repository
  /// opened by a newer recovery key alone): then reading works, writing does not.
  public let dedup: DedupKeys?

  /// The full ring of these masters.
  ///
  /// - Throws: ``FormatError`` `.malformed` for none or two of one epoch.
  public init(masters: [MasterKey]) throws(FormatError) {
    let sorted = masters.sorted { $0.epoch < $1.epoch }
    guard !sorted.isEmpty, Set(sorted.map(\.epoch)).count == sorted.count else {
      throw FormatError(.malformed, "key ring")
    }
    var epochs: [EpochKeys] = []
    for master in sorted { epochs.append(try EpochKeys(master)) }
    self.epochs = epochs
    role = .full
    if let first = sorted.first, first.epoch == 0 {
      dedup = try DedupKeys(first)
    } else {
      dedup = nil
    }
  }

  init(role: Role, epochs: [EpochKeys], dedup: DedupKeys?) {
    self.role = role
    self.epochs = epochs
    self.dedup = dedup
  }

  /// The keys of one epoch.
  public func epoch(_ number: UInt8) -> EpochKeys? { epochs.first { $0.number == number } }

  /// The master of the newest epoch, in the full role: what the recovery key holds.
  public var newestMaster: MasterKey? { epochs.last?.master }

  /// The ring that a lesser role gets.
  ///
  /// - Throws: ``FormatError`` `.noKey` when this ring has less than that role.
  public func reduced(to role: Role) throws(FormatError) -> KeyRing {
    if role == self.role { return self }
    guard self.role == .full || (self.role == .metadata && role == .writeOnly) else {
      throw FormatError(.noKey, "role \(role.rawValue)")
    }
    let reduced = epochs.map { keys in
      EpochKeys(
        number: keys.number, write: keys.write,
        readMeta: role == .metadata ? keys.readMeta : nil, readMetaPublic: keys.readMetaPublic,
        readDataPublic: keys.readDataPublic, adminPublic: keys.adminPublic)
    }
    return KeyRing(role: role, epochs: reduced, dedup: dedup)
  }

  /// The message of this ring.
  public func encoded() -> [UInt8] {
    var out = MessageWriter()
    for keys in epochs {
      var epoch = MessageWriter()
      epoch.number(1, UInt64(keys.number))
      if let master = keys.master {
        epoch.data(2, master.bytes)
      } else {
        epoch.data(3, keys.write)
        epoch.data(4, keys.readMeta ?? [])
        epoch.data(5, keys.readMetaPublic)
        epoch.data(6, keys.readDataPublic)
        epoch.data(7, keys.adminPublic)
      }
      out.element(1, epoch.bytes)
    }
    if role != .full, let dedup {
      var keys = MessageWriter()
      keys.data(1, dedup.idData)
      keys.data(2, dedup.idTree)
      keys.data(3, dedup.chunk)
      out.element(2, keys.bytes)
    }
    return out.bytes
  }

  /// Reads a ring.
  ///
  /// - Throws: ``FormatError`` `.malformed` for missing or badly sized keys. Never traps.
  public init(decoding bytes: [UInt8]) throws(FormatError) {
    var reader = MessageReader(bytes)
    var epochs: [EpochKeys] = []
    var dedup: DedupKeys?
    while let field = try reader.next("key ring") {
      switch field.number {
      case 1: epochs.append(try Self.decodeEpoch(field.data("epoch")))
      case 2: dedup = try Self.decodeDedup(field.data("dedup keys"))
      default: continue
      }
    }
    epochs.sort { $0.number < $1.number }
    guard let first = epochs.first, Set(epochs.map(\.number)).count == epochs.count else {
      throw FormatError(.malformed, "key ring without epochs")
    }
    self.epochs = epochs
    if epochs.allSatisfy({ $0.master != nil }) {
      role = .full
    } else if epochs.allSatisfy({ $0.readMeta != nil }) {
      role = .metadata
    } else {
      role = .writeOnly
    }
    if dedup == nil, first.number == 0, let master = first.master { dedup = try DedupKeys(master) }
    self.dedup = dedup
  }

  private static func decodeEpoch(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> EpochKeys {
    var reader = MessageReader(bytes)
    var number: UInt8 = 0
    var keys: [UInt64: [UInt8]] = [:]
    while let field = try reader.next("epoch") {
      if field.number == 1 {
        guard let value = UInt8(exactly: try field.number("epoch")) else {
          throw FormatError(.malformed, "epoch number")
        }
        number = value
      } else if (2...7).contains(field.number) {
        keys[field.number] = try field.bytes(32, "key")
      }
    }
    if let master = keys[2] { return try EpochKeys(MasterKey(epoch: number, bytes: master)) }
    guard let write = keys[3], let metaPublic = keys[5], let dataPublic = keys[6],
      let admin = keys[7]
    else { throw FormatError(.malformed, "epoch without keys") }
    return EpochKeys(
      number: number, write: write, readMeta: keys[4], readMetaPublic: metaPublic,
      readDataPublic: dataPublic, adminPublic: admin)
  }

  private static func decodeDedup(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> DedupKeys {
    var reader = MessageReader(bytes)
    var keys: [UInt64: [UInt8]] = [:]
    while let field = try reader.next("dedup keys") {
      if (1...3).contains(field.number) { keys[field.number] = try field.bytes(32, "key") }
    }
    guard let data = keys[1], let tree = keys[2], let chunk = keys[3] else {
      throw FormatError(.malformed, "dedup keys")
    }
    return DedupKeys(idData: data, idTree: tree, chunk: chunk)
  }
}
