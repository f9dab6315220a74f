// SPDX-License-Identifier: Apache-2.0

/// A key ring wrapped for one password, key file or master. Format: FORMAT.md, "Key slots".
public struct KeySlot: Hashable, Sendable {
  /// How the wrapping key is made.
  public let kdf: KDF
  /// 32 random bytes.
  let salt: [UInt8]
  /// What the ring inside may do; authenticated.
  public let role: Role
  /// For people; not authenticated.
  public let label: String
  let commit: [UInt8]
  let wrapped: [UInt8]

  /// What opens a slot.
  public enum Secret: Sendable {
    /// A password: UTF-8 bytes after NFC.
    case password([UInt8])
    /// The content of a key file, alone.
    case keyFile([UInt8])
    /// Both together.
    case passwordAndKeyFile([UInt8], [UInt8])
    /// The master of the slot's epoch.
    case master(MasterKey)
  }

  /// The functions between a secret and the wrapping key.
  public enum KDF: Hashable, Sendable {
    /// Argon2id: KiB, passes, lanes.
    case argon2id(memory: UInt64, passes: UInt64, lanes: UInt64)
    /// scrypt: log2 N, r, p.
    case scrypt(logN: UInt64, r: UInt64, p: UInt64)
    /// A key file alone.
    case keyFile
    /// A key file and a password: Argon2id.
    case keyFileAndPassword(memory: UInt64, passes: UInt64, lanes: UInt64)
    /// The master of an epoch.
    case master(epoch: UInt8)

    /// 256 MiB, 4 passes, 4 lanes: half a second (measured on two cores).
    public static let standard = KDF.argon2id(memory: 262_144, passes: 4, lanes: 4)

    /// Slots that cost nothing to try come first.
    public var isCheap: Bool {
      switch self {
      case .keyFile, .master: true
      default: false
      }
    }
  }

  /// Wraps `ring` for `secret`.
  ///
  /// - Throws: ``FormatError`` `.mismatch` when secret and function do not fit, `.tooLarge`,
  ///   `.library`.
  public init(
    wrapping ring: KeyRing, kdf: KDF, secret: Secret, label: String
  ) throws(FormatError) {
    try self.init(
      wrapping: ring, kdf: kdf, secret: secret, label: label, salt: SecureRandom.bytes(32))
  }

  init(
    wrapping ring: KeyRing, kdf: KDF, secret: Secret, label: String, salt: [UInt8]
  ) throws(FormatError) {
    guard let okm = try Self.derive(kdf, secret, salt) else {
      throw FormatError(.mismatch, "secret and key derivation")
    }
    self.kdf = kdf
    self.salt = salt
    self.label = label
    role = ring.role
    commit = Array(okm[32...])
    wrapped = try AEAD.seal(
      key: Array(okm[..<32]), nonce: [UInt8](repeating: 0, count: 12),
      aad: Array("snap/1/slot:\(ring.role.rawValue)".utf8), plaintext: ring.encoded())
  }

  init(
    kdf: KDF, salt: [UInt8], role: Role, label: String, commit: [UInt8], wrapped: [UInt8]
  ) {
    self.kdf = kdf
    self.salt = salt
    self.role = role
    self.label = label
    self.commit = commit
    self.wrapped = wrapped
  }

  /// Opens the slot; nil when the secret is of another kind.
  ///
  /// - Throws: ``FormatError`` `.wrongKey` for another secret, `.notAuthentic` for a changed slot,
  ///   `.tooLarge` for parameters that are refused before anything is computed.
  public func open(_ secret: Secret) throws(FormatError) -> KeyRing? {
    guard let okm = try Self.derive(kdf, secret, salt) else { return nil }
    guard constantTimeEqual(Array(okm[32...]), commit) else {
      throw FormatError(.wrongKey, "key slot")
    }
    let ring = try KeyRing(
      decoding: AEAD.open(
        key: Array(okm[..<32]), nonce: [UInt8](repeating: 0, count: 12),
        aad: Array("snap/1/slot:\(role.rawValue)".utf8), sealed: wrapped))
    guard ring.role == role else { throw FormatError(.mismatch, "role of a key slot") }
    return ring
  }

  private static func derive(
    _ kdf: KDF, _ secret: Secret, _ salt: [UInt8]
  ) throws(FormatError) -> [UInt8]? {
    let key: [UInt8]
    switch (kdf, secret) {
    case (.argon2id(let m, let t, let p), .password(let password)):
      key = try argon2id(password, salt, m, t, p)
    case (.keyFileAndPassword(let m, let t, let p), .passwordAndKeyFile(let password, let file)):
      key = try argon2id(password + SHA256.hash(file), salt, m, t, p)
    case (.scrypt(let logN, let r, let p), .password(let password)):
      // 128 · 2^logN · r · p ≤ 4 GiB, in a form that cannot overflow.
      // And N < 2^(16 r), as RFC 7914 asks.
      guard logN >= 1, logN <= 25, r >= 1, p >= 1, logN < 16 || r >= 2, r <= (1 << 25) >> logN,
        p <= ((1 << 25) >> logN) / r
      else { throw FormatError(.tooLarge, "scrypt parameters") }
      key = try PasswordHash.scrypt(password, salt: salt, logN: logN, r: r, p: p)
    case (.keyFile, .keyFile(let file)):
      key = try SHA256.hash(file)
    case (.master(let epoch), .master(let master)) where master.epoch == epoch:
      key = try master.sub("ring")
    default: return nil
    }
    return try HKDF.derive(salt: salt, key: key, info: Array("snap/1/slot".utf8), count: 64)
  }

  private static func argon2id(
    _ password: [UInt8], _ salt: [UInt8], _ m: UInt64, _ t: UInt64, _ p: UInt64
  ) throws(FormatError) -> [UInt8] {
    // RFC 9106: at least 8 KiB a lane.
    guard p >= 1, p <= 64, m >= 8 * p, m <= 4 << 20, t >= 1, t <= 64 else {
      throw FormatError(.tooLarge, "Argon2id parameters")
    }
    return try PasswordHash.argon2id(
      password, salt: salt, memory: UInt32(m), passes: UInt32(t), lanes: UInt32(p))
  }
}
