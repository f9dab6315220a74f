// SPDX-License-Identifier: Apache-2.0

/// The settings of a repository: signed, never overwritten. Format: FORMAT.md, "Configuration".
public struct Configuration: Hashable, Sendable {
  /// 16 random bytes that name the repository.
  public var repositoryID: [UInt8]
  /// When it was made: seconds since 1970.
  public var created: UInt64
  /// Grows with every version.
  public var sequence: UInt64
  /// How content is cut.
  public var chunker = ChunkerSettings.standard
  /// Bytes at which a data pack ends.
  public var dataPackTarget: UInt64 = 32 << 20
  /// Bytes at which a tree pack ends.
  public var treePackTarget: UInt64 = 8 << 20
  /// zstd level.
  public var zstdLevel: UInt64 = 3
  /// Features that a client must know to read, to write, to collect.
  public var readFeatures: [String] = []
  /// Features that a client must know to write.
  public var writeFeatures: [String] = []
  /// Features that a client must know to collect.
  public var collectFeatures: [String] = []
  /// Seconds between condemning and sweeping.
  public var grace: UInt64 = 86_400
  /// Seconds that a listing may lag behind.
  public var lag: UInt64 = 0
  /// Seconds after which a silent run is dead.
  public var runExpiry: UInt64 = 14 * 86_400
  /// Files up to this many bytes are stored in their entry.
  public var inlineLimit: UInt64 = 512
  /// 2: tree packs and snapshots lie under `mirror/` too.
  public var metadataCopies: UInt64 = 2
  /// Fields of newer versions, kept on rewrite.
  var unknown: [UInt8] = []

  /// Features that this version knows: none yet.
  public static let knownFeatures: Set<String> = []

  /// The settings of a new repository.
  public init(repositoryID: [UInt8], created: UInt64, sequence: UInt64 = 1) {
    self.repositoryID = repositoryID
    self.created = created
    self.sequence = sequence
  }

  /// The message, signed.
  ///
  /// - Throws: ``FormatError`` `.noKey` unless `ring` is full.
  public func encoded(signedBy ring: KeyRing) throws(FormatError) -> [UInt8] {
    guard let keys = ring.epochs.last else { throw FormatError(.noKey, "configuration") }
    let message = unsigned()
    var out = MessageWriter()
    out.raw(message)
    out.data(
      31, try Ed25519.sign(Array("snap/1/conf".utf8) + message, seed: try keys.adminSeed()))
    return out.bytes
  }

  func unsigned() -> [UInt8] {
    var out = MessageWriter()
    func changed(_ value: UInt64, _ standard: UInt64) -> UInt64 { value == standard ? 0 : value }
    out.number(1, 1)
    out.data(2, repositoryID)
    out.number(3, created)
    out.number(4, sequence)
    out.number(5, changed(UInt64(chunker.average), 1 << 20))
    out.number(6, changed(chunker.algorithm.rawValue, 2))
    out.number(8, changed(dataPackTarget, 32 << 20))
    out.number(9, changed(treePackTarget, 8 << 20))
    out.number(10, changed(zstdLevel, 3))
    for feature in readFeatures { out.text(11, feature) }
    for feature in writeFeatures { out.text(12, feature) }
    for feature in collectFeatures { out.text(13, feature) }
    out.number(14, changed(grace, 86_400))
    out.number(15, lag)
    out.number(16, changed(runExpiry, 14 * 86_400))
    out.number(17, changed(inlineLimit, 512))
    out.number(18, changed(metadataCopies, 2))
    out.raw(unknown)
    return out.bytes
  }

  /// Reads a configuration whose object was sealed in `epoch`.
  ///
  /// - Throws: ``FormatError`` `.notAuthentic` for a bad signature, `.noKey` for an unknown epoch,
  ///   `.unsupported` for a newer format, `.malformed`, `.tooLarge`. Never traps.
  public init(decoding bytes: [UInt8], epoch: UInt8, ring: KeyRing) throws(FormatError) {
    guard let keys = ring.epoch(epoch) else { throw FormatError(.noKey, "epoch \(epoch)") }
    // Field 31 is the last one: two bytes of tag, one of length, 64 of signature.
    let signature = bytes.suffix(64)
    let message = Array(bytes.dropLast(67))
    guard bytes.count > 67, Array(bytes[message.count..<message.count + 3]) == [0xFA, 0x01, 0x40]
    else { throw FormatError(.malformed, "configuration without signature") }
    guard
      Ed25519.verify(
        Array(signature), Array("snap/1/conf".utf8) + message, publicKey: keys.adminPublic)
    else { throw FormatError(.notAuthentic, "signature of the configuration") }
    self.init(repositoryID: [], created: 0, sequence: 0)
    var average = 1 << 20 as UInt64
    var algorithm = 2 as UInt64
    var reader = MessageReader(message)
    while let field = try reader.next("configuration") {
      switch field.number {
      case 1:
        guard try field.number("format") == 1 else {
          throw FormatError(.unsupported, "repository format")
        }
      case 2: repositoryID = try field.bytes(16, "repository id")
      case 3: created = try field.number("created")
      case 4: sequence = try field.number("sequence")
      case 5:
        average = try field.number("average chunk")
        if average == 0 { average = 1 << 20 }
      case 6:
        algorithm = try field.number("chunker")
        if algorithm == 0 { algorithm = 2 }
      case 7:
        guard try field.number("id hash") <= 1 else { throw FormatError(.unsupported, "id hash") }
      case 8...18: try decodeLimits(field)
      case 31: throw FormatError(.malformed, "two signatures of the configuration")
      default: unknown += field.encoded
      }
    }
    guard repositoryID.count == 16 else { throw FormatError(.malformed, "repository id") }
    guard let known = ChunkerSettings.Algorithm(rawValue: algorithm) else {
      throw FormatError(.unsupported, "chunker \(algorithm)")
    }
    let averages = ChunkerSettings.averages
    try Self.check(average, UInt64(averages.lowerBound)...UInt64(averages.upperBound), field: 5)
    chunker = try ChunkerSettings(algorithm: known, average: Int(average))
  }

  private mutating func decodeLimits(_ field: MessageField) throws(FormatError) {
    switch field.number {
    case 8: dataPackTarget = try Self.size(field, 4 << 20...1 << 30, or: 32 << 20)
    case 9: treePackTarget = try Self.size(field, 1 << 20...1 << 30, or: 8 << 20)
    case 10: zstdLevel = try Self.size(field, 1...19, or: 3)
    case 11: readFeatures.append(try field.text("feature"))
    case 12: writeFeatures.append(try field.text("feature"))
    case 13: collectFeatures.append(try field.text("feature"))
    case 14: grace = try Self.size(field, 1 ... .max, or: 86_400)
    case 15: lag = try field.number("lag")
    case 16: runExpiry = try Self.size(field, 1 ... .max, or: 14 * 86_400)
    case 17: inlineLimit = try Self.size(field, 1...65_536, or: 512)
    default: metadataCopies = try Self.size(field, 1...2, or: 2)
    }
  }

  /// The number of `field`; 0 means the default.
  private static func size(
    _ field: MessageField, _ range: ClosedRange<UInt64>, or standard: UInt64
  ) throws(FormatError) -> UInt64 {
    let value = try field.number("configuration")
    if value == 0 { return standard }
    try check(value, range, field: field.number)
    return value
  }

  private static func check(
    _ value: UInt64, _ range: ClosedRange<UInt64>, field: UInt64
  ) throws(FormatError) {
    guard value >= range.lowerBound else {
      throw FormatError(.malformed, "field \(field) of the configuration")
    }
    guard value <= range.upperBound else {
      throw FormatError(.tooLarge, "field \(field) of the configuration")
    }
  }
}

/// The clear-text file `SNAP-REPOSITORY`. Format: FORMAT.md, "Marker".
public enum Marker {
  /// Its name in the backend.
  public static let name = "SNAP-REPOSITORY"

  /// The four lines for a repository id.
  public static func encoded(repositoryID: [UInt8]) throws(FormatError) -> [UInt8] {
    let text =
      "snap repository, format 1\nid \(Hex.encode(repositoryID))\n"
      + "See FORMAT.md of the snap project.\n"
    let check = Hex.encode(try SHA256.hash(Array(text.utf8)).prefix(8))
    return Array((text + "check \(check)\n").utf8)
  }

  /// Reads the repository id; the marker is not authenticated.
  ///
  /// - Throws: ``FormatError`` `.malformed`, `.checksum`, `.unsupported` (a newer format).
  public static func decode(_ bytes: [UInt8]) throws(FormatError) -> [UInt8] {
    guard bytes.count <= 4096 else { throw FormatError(.tooLarge, "marker") }
    // Bytes, not characters: a line end may be part of one, and bad UTF-8 changes lengths.
    let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    let first = Array("snap repository, format ".utf8)
    guard lines.count == 5, lines[4].isEmpty, lines[0].starts(with: first) else {
      throw FormatError(.malformed, "marker")
    }
    let number = lines[0].dropFirst(first.count)
    guard !number.isEmpty, number.allSatisfy({ (48...57).contains($0) }) else {
      throw FormatError(.malformed, "marker")
    }
    guard number.elementsEqual("1".utf8) else {
      throw FormatError(.unsupported, "repository format")
    }
    guard lines[3].starts(with: "check ".utf8), lines[3].count == 22 else {
      throw FormatError(.malformed, "marker")
    }
    let check = Hex.encode(try SHA256.hash(Array(bytes[..<lines[3].startIndex])).prefix(8))
    guard lines[3].dropFirst(6).elementsEqual(check.utf8) else {
      throw FormatError(.checksum, "marker")
    }
    guard lines[1].starts(with: "id ".utf8),
      let id = Hex.decode(String(decoding: lines[1].dropFirst(3), as: UTF8.self)), id.count == 16
    else { throw FormatError(.malformed, "marker") }
    return id
  }
}

extension Configuration {
  /// Field 4 of a message that was verified before.
  public static func sequence(inMessage bytes: [UInt8]) -> UInt64? {
    var reader = MessageReader(bytes)
    while let field = try? reader.next("configuration") {
      if field.number == 4 { return try? field.number("sequence") }
    }
    return nil
  }
}
