// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// The ciphers that seal objects. Format: FORMAT.md, "Sealed object".
public enum CipherSuite: UInt8, Sendable, CaseIterable {
  /// AES-256-GCM (NIST SP 800-38D).
  case aes256GCM = 1
  /// ChaCha20-Poly1305 (RFC 8439).
  case chaCha20Poly1305 = 2
}

/// A reusable cipher context with a 32-byte key. One per thread.
@safe public final class AEADContext {
  private let context: OpaquePointer
  private var isEncrypting: Bool?

  /// Bytes that sealing adds.
  public static let tagByteCount = 16

  private let suite: CipherSuite
  private var key: [UInt8]

  /// Takes the key; nothing is computed before the first use.
  ///
  /// - Throws: ``FormatError`` `.library` when OpenSSL refuses.
  public init(suite: CipherSuite, key: [UInt8]) throws(FormatError) {
    guard key.count == 32, let context = unsafe EVP_CIPHER_CTX_new() else {
      throw FormatError(.library, "cipher")
    }
    unsafe self.context = context
    self.suite = suite
    self.key = key
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  private func begin(encrypting: Bool) throws(FormatError) {
    if isEncrypting == encrypting { return }
    let cipher = unsafe suite == .aes256GCM ? EVP_aes_256_gcm() : EVP_chacha20_poly1305()
    guard unsafe EVP_CipherInit_ex(context, cipher, nil, key, nil, encrypting ? 1 : 0) == 1 else {
      throw FormatError(.library, "cipher")
    }
    isEncrypting = encrypting
  }

  /// The nonce of ciphertext at `offset`: LE64(offset) and four zero bytes.
  private func setNonce(_ offset: UInt64, encrypting: Bool) throws(FormatError) {
    try begin(encrypting: encrypting)
    var nonce: (UInt64, UInt32) = (offset.littleEndian, 0)
    let good = unsafe withUnsafeBytes(of: &nonce) { nonce in
      unsafe EVP_CipherInit_ex(
        context, nil, nil, nil, nonce.bindMemory(to: UInt8.self).baseAddress,
        encrypting ? 1 : 0)
    }
    guard good == 1 else { throw FormatError(.library, "cipher") }
  }

  /// OpenSSL counts in 32 signed bits; a record may promise more.
  private static func check(_ text: Int, _ aad: Int) throws(FormatError) {
    guard text <= Int(Int32.max), aad <= Int(Int32.max) else {
      throw FormatError(.tooLarge, "sealed bytes")
    }
  }

  /// Seals `plaintext` as the ciphertext at `offset`, into `out`, which is 16 bytes longer.
  public func seal(
    at offset: UInt64, aad: UnsafeRawBufferPointer, _ plaintext: UnsafeRawBufferPointer,
    into out: UnsafeMutableRawBufferPointer
  ) throws(FormatError) {
    try Self.check(plaintext.count, aad.count)
    try setNonce(offset, encrypting: true)
    precondition(out.count == plaintext.count + Self.tagByteCount)
    var length: Int32 = 0
    let target = unsafe out.bindMemory(to: UInt8.self)
    let source = unsafe plaintext.bindMemory(to: UInt8.self)
    guard
      unsafe EVP_EncryptUpdate(
        context, nil, &length, aad.bindMemory(to: UInt8.self).baseAddress, Int32(aad.count)) == 1,
      unsafe plaintext.count == 0
        || EVP_EncryptUpdate(
          context, target.baseAddress, &length, source.baseAddress, Int32(source.count)) == 1,
      unsafe EVP_EncryptFinal_ex(context, target.baseAddress, &length) == 1,
      unsafe EVP_CIPHER_CTX_ctrl(
        context, EVP_CTRL_AEAD_GET_TAG, 16,
        out.baseAddress.map { unsafe $0 + plaintext.count }) == 1
    else { throw FormatError(.library, "cipher") }
  }

  /// Opens the ciphertext that lies at `offset` into `out`, which is 16 bytes shorter.
  ///
  /// - Throws: ``FormatError`` `.notAuthentic` when key, place, aad or bytes are not the sealed
  ///   ones, `.truncated`, `.tooLarge`.
  public func open(
    at offset: UInt64, aad: UnsafeRawBufferPointer, _ sealed: UnsafeRawBufferPointer,
    into out: UnsafeMutableRawBufferPointer
  ) throws(FormatError) {
    guard sealed.count >= Self.tagByteCount else { throw FormatError(.truncated, "sealed bytes") }
    let count = sealed.count - Self.tagByteCount
    try Self.check(count, aad.count)
    precondition(out.count == count)
    try setNonce(offset, encrypting: false)
    var length: Int32 = 0
    let target = unsafe out.bindMemory(to: UInt8.self)
    let source = unsafe sealed.bindMemory(to: UInt8.self)
    let tag = unsafe UnsafeMutableRawPointer(mutating: sealed.baseAddress.map { unsafe $0 + count })
    var last: UInt8 = 0
    guard
      unsafe EVP_DecryptUpdate(
        context, nil, &length, aad.bindMemory(to: UInt8.self).baseAddress, Int32(aad.count)) == 1,
      unsafe count == 0
        || EVP_DecryptUpdate(
          context, target.baseAddress, &length, source.baseAddress, Int32(count)) == 1,
      unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1
    else { throw FormatError(.library, "cipher") }
    guard unsafe EVP_DecryptFinal_ex(context, &last, &length) == 1 else {
      // What was decrypted is worthless; it must not be used by mistake.
      unsafe out.initializeMemory(as: UInt8.self, repeating: 0)
      throw FormatError(.notAuthentic, "seal does not open")
    }
  }
}

/// AES-256-GCM of whole small byte strings with an explicit nonce.
public enum AEAD {
  /// Ciphertext and its 16-byte tag. `nonce` has 12 bytes and is used once per key.
  public static func seal(
    key: [UInt8], nonce: [UInt8], aad: [UInt8], plaintext: [UInt8]
  ) throws(FormatError) -> [UInt8] {
    try run(key, nonce, aad, plaintext, encrypting: true)
  }

  /// The plaintext of ``seal(key:nonce:aad:plaintext:)``.
  ///
  /// - Throws: ``FormatError`` `.notAuthentic` for other keys or changed bytes.
  public static func open(
    key: [UInt8], nonce: [UInt8], aad: [UInt8], sealed: [UInt8]
  ) throws(FormatError) -> [UInt8] {
    try run(key, nonce, aad, sealed, encrypting: false)
  }

  private static func run(
    _ key: [UInt8], _ nonce: [UInt8], _ aad: [UInt8], _ input: [UInt8], encrypting: Bool
  ) throws(FormatError) -> [UInt8] {
    guard key.count == 32, nonce.count == 12, input.count < 1 << 30 else {
      throw FormatError(.library, "cipher parameters")
    }
    guard encrypting || input.count >= 16 else { throw FormatError(.truncated, "sealed bytes") }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { throw FormatError(.library, "cipher") }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    let count = encrypting ? input.count : input.count - 16
    var out = [UInt8](repeating: 0, count: count + 32)
    var tag = encrypting ? [UInt8](repeating: 0, count: 16) : Array(input.suffix(16))
    var length: Int32 = 0
    guard
      unsafe EVP_CipherInit_ex(
        context, EVP_aes_256_gcm(), nil, key, nonce, encrypting ? 1 : 0) == 1,
      unsafe EVP_CipherUpdate(context, nil, &length, aad, Int32(aad.count)) == 1,
      unsafe EVP_CipherUpdate(context, &out, &length, input, Int32(count)) == 1
    else { throw FormatError(.library, "cipher") }
    if !encrypting {
      guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1 else {
        throw FormatError(.library, "cipher")
      }
    }
    var last = [UInt8](repeating: 0, count: 32)
    guard unsafe EVP_CipherFinal_ex(context, &last, &length) == 1 else {
      throw FormatError(.notAuthentic, "seal does not open")
    }
    if encrypting {
      guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1 else {
        throw FormatError(.library, "cipher")
      }
    }
    return Array(out.prefix(count)) + (encrypting ? tag : [])
  }
}
