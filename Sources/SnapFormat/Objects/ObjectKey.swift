// SPDX-License-Identifier: Apache-2.0

/// The key of one object and its header. Format: FORMAT.md, "Sealed object".
public struct ObjectKey: Sendable {
  /// The header that goes before the body.
  public let header: ObjectHeader
  /// The 32-byte key of this object alone.
  let key: [UInt8]

  /// Makes the key of a new object; the secret behind it is forgotten on return.
  ///
  /// - Parameter entropy: anything that differs between two clones of one machine; mixed in.
  /// - Throws: ``FormatError`` `.library` when random numbers fail.
  public init(
    new kind: ObjectKind, epoch keys: EpochKeys, suite: CipherSuite, run: RunID, entropy: [UInt8]
  ) throws(FormatError) {
    // A cloned machine may repeat its random numbers; what it works on differs.
    // FORMAT.md, "Limits".
    let secret = try MAC.tag(key: SecureRandom.bytes(32), entropy)
    try self.init(kind: kind, epoch: keys, suite: suite, run: run, secret: secret)
  }

  /// The same with a given secret: for vectors.
  init(
    kind: ObjectKind, epoch keys: EpochKeys, suite: CipherSuite, run: RunID, secret: [UInt8]
  ) throws(FormatError) {
    let reader = keys.readerPublic(for: kind)
    let salt: [UInt8]
    let material: [UInt8]
    if let reader {
      salt = try X25519.publicKey(of: secret)
      material = keys.write + (try X25519.agree(secret: secret, with: reader))
    } else {
      salt = secret
      material = keys.write
    }
    guard let id = ObjectID(salt) else { throw FormatError(.library, "salt") }
    let prefix = ObjectHeader.prefix8(kind: kind, suite: suite.rawValue, epoch: keys.number)
    let okm = try Self.derive(salt: salt, material: material, prefix: prefix, reader: reader)
    header = ObjectHeader(
      kind: kind, suite: suite, epoch: keys.number, id: id, run: run,
      commit: Array(okm[32...]))
    key = Array(okm[..<32])
  }

  /// Recomputes the key of an object that was read.
  ///
  /// - Throws: ``FormatError`` `.noKey` when the ring has no such epoch or its role may not read
  ///   the kind, `.wrongKey` when the header's commitment differs, `.malformed` for a bad salt.
  public init(opening header: ObjectHeader, with ring: KeyRing) throws(FormatError) {
    let (key, commit) = try Self.recompute(
      kind: header.kind, suite: header.suite, epoch: header.epoch, id: header.id, ring: ring)
    guard constantTimeEqual(commit, header.commit) else {
      throw FormatError(.wrongKey, "\(header.kind) object")
    }
    self.header = header
    self.key = key
  }

  /// The key of an object of which only name, suite and epoch are known, for ranged reads.
  ///
  /// - Throws: ``FormatError`` `.noKey`, `.malformed`.
  public init(
    ranged kind: ObjectKind, suite: CipherSuite, epoch: UInt8, id: ObjectID, ring: KeyRing
  ) throws(FormatError) {
    let (key, commit) = try Self.recompute(
      kind: kind, suite: suite, epoch: epoch, id: id, ring: ring)
    header = ObjectHeader(
      kind: kind, suite: suite, epoch: epoch, id: id, run: .none, commit: commit)
    self.key = key
  }

  private static func recompute(
    kind: ObjectKind, suite: CipherSuite, epoch: UInt8, id: ObjectID, ring: KeyRing
  ) throws(FormatError) -> ([UInt8], [UInt8]) {
    guard let keys = ring.epoch(epoch) else { throw FormatError(.noKey, "epoch \(epoch)") }
    var material = keys.write
    let reader = keys.readerPublic(for: kind)
    if reader != nil {
      guard let secret = keys.readerSecret(for: kind) else {
        throw FormatError(.noKey, "reading \(kind.folder)")
      }
      material += try X25519.agree(secret: secret, with: id.bytes)
    }
    let prefix = ObjectHeader.prefix8(kind: kind, suite: suite.rawValue, epoch: epoch)
    let okm = try derive(salt: id.bytes, material: material, prefix: prefix, reader: reader)
    return (Array(okm[..<32]), Array(okm[32...]))
  }

  private static func derive(
    salt: [UInt8], material: [UInt8], prefix: [UInt8], reader: [UInt8]?
  ) throws(FormatError) -> [UInt8] {
    let info = Array("snap/1/seal".utf8) + prefix + (reader ?? [UInt8](repeating: 0, count: 32))
    return try HKDF.derive(salt: salt, key: material, info: info, count: 64)
  }

  /// A cipher under this key.
  public func cipher() throws(FormatError) -> AEADContext {
    try AEADContext(suite: header.suite, key: key)
  }
}
