// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// X25519 (RFC 7748): 32-byte secrets and publics.
enum X25519 {
  /// The public point of a secret.
  static func publicKey(of secret: [UInt8]) throws(FormatError) -> [UInt8] {
    try rawPublic(EVP_PKEY_X25519, secret)
  }

  /// The shared secret.
  ///
  /// - Throws: ``FormatError`` `.malformed` when the point is of small order (the result is zero).
  static func agree(secret: [UInt8], with publicKey: [UInt8]) throws(FormatError) -> [UInt8] {
    guard secret.count == 32, publicKey.count == 32,
      let own = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, secret, 32)
    else { throw FormatError(.malformed, "X25519 key") }
    defer { unsafe EVP_PKEY_free(own) }
    guard let peer = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, publicKey, 32) else {
      throw FormatError(.malformed, "X25519 key")
    }
    defer { unsafe EVP_PKEY_free(peer) }
    guard let context = unsafe EVP_PKEY_CTX_new(own, nil) else {
      throw FormatError(.library, "X25519")
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var shared = [UInt8](repeating: 0, count: 32)
    var length = 32
    guard unsafe EVP_PKEY_derive_init(context) == 1,
      unsafe EVP_PKEY_derive_set_peer(context, peer) == 1,
      unsafe EVP_PKEY_derive(context, &shared, &length) == 1, length == 32,
      !constantTimeEqual(shared, [UInt8](repeating: 0, count: 32))
    else { throw FormatError(.malformed, "X25519 agreement") }
    return shared
  }

  fileprivate static func rawPublic(_ type: Int32, _ secret: [UInt8]) throws(FormatError)
    -> [UInt8]
  {
    guard secret.count == 32,
      let key = unsafe EVP_PKEY_new_raw_private_key(type, nil, secret, 32)
    else { throw FormatError(.malformed, "private key") }
    defer { unsafe EVP_PKEY_free(key) }
    var out = [UInt8](repeating: 0, count: 32)
    var length = 32
    guard unsafe EVP_PKEY_get_raw_public_key(key, &out, &length) == 1, length == 32 else {
      throw FormatError(.library, "public key")
    }
    return out
  }
}

/// Ed25519 (RFC 8032): 32-byte seeds and publics, 64-byte signatures.
enum Ed25519 {
  /// The public key of a seed.
  static func publicKey(of seed: [UInt8]) throws(FormatError) -> [UInt8] {
    try X25519.rawPublic(EVP_PKEY_ED25519, seed)
  }

  /// The signature of `message`.
  static func sign(_ message: [UInt8], seed: [UInt8]) throws(FormatError) -> [UInt8] {
    guard seed.count == 32,
      let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, 32),
      let context = unsafe EVP_MD_CTX_new()
    else { throw FormatError(.library, "Ed25519") }
    defer {
      unsafe EVP_PKEY_free(key)
      unsafe EVP_MD_CTX_free(context)
    }
    var signature = [UInt8](repeating: 0, count: 64)
    var length = 64
    guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
      unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1, length == 64
    else { throw FormatError(.library, "Ed25519") }
    return signature
  }

  /// Says whether `signature` is that of `message`.
  static func verify(_ signature: [UInt8], _ message: [UInt8], publicKey: [UInt8]) -> Bool {
    guard signature.count == 64, publicKey.count == 32,
      let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, 32)
    else { return false }
    defer { unsafe EVP_PKEY_free(key) }
    guard let context = unsafe EVP_MD_CTX_new() else { return false }
    defer { unsafe EVP_MD_CTX_free(context) }
    return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, 64, message, message.count) == 1
  }
}
