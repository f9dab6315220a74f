// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// SHA-256 (FIPS 180-4) of whole byte strings.
public enum SHA256 {
  /// The 32-byte digest of `bytes`.
  ///
  /// - Throws: ``FormatError`` `.library` when OpenSSL refuses.
  public static func hash(_ bytes: [UInt8]) throws(FormatError) -> [UInt8] {
    try unsafe bytes.withRaw { (raw) throws(FormatError) in unsafe try hash(raw: raw) }
  }

  /// The 32-byte digest of the bytes behind a pointer.
  public static func hash(raw bytes: UnsafeRawBufferPointer) throws(FormatError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    guard unsafe EVP_Digest(bytes.baseAddress, bytes.count, &digest, nil, EVP_sha256(), nil) == 1
    else { throw FormatError(.library, "SHA-256") }
    return digest
  }
}

/// A reusable HMAC-SHA-256 (RFC 2104) whose key is already absorbed. One per thread.
@safe public final class MAC {
  private let context: OpaquePointer

  /// Absorbs `key`.
  ///
  /// - Throws: ``FormatError`` `.library` when OpenSSL refuses.
  public init(key: [UInt8]) throws(FormatError) {
    guard let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else {
      throw FormatError(.library, "HMAC")
    }
    defer { unsafe EVP_MAC_free(algorithm) }
    guard let context = unsafe EVP_MAC_CTX_new(algorithm) else {
      throw FormatError(.library, "HMAC")
    }
    unsafe self.context = context
    // A parameter keeps pointers to both texts: they must live until it has been read. The macro
    // OSSL_MAC_PARAM_DIGEST would be a Swift string, whose C text ends with the call.
    let digest = Array("digest".utf8CString)
    var name = Array("SHA256".utf8CString)
    let done = unsafe digest.withUnsafeBufferPointer { digest in
      unsafe name.withUnsafeMutableBufferPointer { name in
        var parameters = unsafe [
          OSSL_PARAM_construct_utf8_string(digest.baseAddress, name.baseAddress, 0),
          OSSL_PARAM_construct_end(),
        ]
        return unsafe EVP_MAC_init(context, key, key.count, &parameters)
      }
    }
    guard done == 1 else { throw FormatError(.library, "HMAC key") }
  }

  deinit { unsafe EVP_MAC_CTX_free(context) }

  /// The 32-byte tag of `bytes` as an id.
  public func id(of bytes: UnsafeRawBufferPointer) throws(FormatError) -> BlobID {
    var tag: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    var length = 0
    // No key: starts again with the absorbed one.
    let good = unsafe withUnsafeMutableBytes(of: &tag) { tag in
      unsafe EVP_MAC_init(context, nil, 0, nil) == 1
        && EVP_MAC_update(
          context, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count) == 1
        && EVP_MAC_final(
          context, tag.bindMemory(to: UInt8.self).baseAddress, &length, 32) == 1
    }
    guard good, length == 32 else { throw FormatError(.library, "HMAC") }
    return BlobID(
      tag.0.bigEndian, tag.1.bigEndian, tag.2.bigEndian, tag.3.bigEndian)
  }

  /// The 32-byte tag of `bytes` as an id.
  public func id(of bytes: [UInt8]) throws(FormatError) -> BlobID {
    try unsafe bytes.withRaw { (raw) throws(FormatError) in unsafe try id(of: raw) }
  }

  /// The tag of `bytes` under `key`, once.
  public static func tag(key: [UInt8], _ bytes: [UInt8]) throws(FormatError) -> [UInt8] {
    try MAC(key: key).id(of: bytes).bytes
  }
}

/// HKDF with SHA-256 (RFC 5869).
public enum HKDF {
  /// Both steps: extract with `salt`, expand with `info`.
  public static func derive(
    salt: [UInt8], key: [UInt8], info: [UInt8], count: Int
  ) throws(FormatError) -> [UInt8] {
    try expand(MAC.tag(key: salt, key), info: info, count: count)
  }

  /// The expand step alone; `key` is used as the pseudo-random key. At most 8,160 bytes.
  public static func expand(
    _ key: [UInt8], info: [UInt8], count: Int
  ) throws(FormatError) -> [UInt8] {
    guard count <= 255 * 32 else { throw FormatError(.tooLarge, "HKDF output") }
    let mac = try MAC(key: key)
    var out = [UInt8]()
    var block = [UInt8]()
    var counter: UInt8 = 1
    while out.count < count {
      block = try mac.id(of: block + info + [counter]).bytes
      out += block
      counter &+= 1
    }
    return Array(out.prefix(count))
  }

  /// The same with a text as info.
  static func expand(_ key: [UInt8], _ info: String, _ count: Int) throws(FormatError) -> [UInt8] {
    try expand(key, info: Array(info.utf8), count: count)
  }
}

/// Random bytes from the system.
public enum SecureRandom {
  /// `count` unpredictable bytes.
  ///
  /// - Throws: ``FormatError`` `.library` when the generator cannot be seeded.
  public static func bytes(_ count: Int) throws(FormatError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: count)
    guard unsafe RAND_bytes(&out, Int32(count)) == 1 else {
      throw FormatError(.library, "random numbers")
    }
    return out
  }

  /// Fills `buffer` with unpredictable bytes.
  static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FormatError) {
    guard buffer.count > 0 else { return }
    let start = unsafe buffer.bindMemory(to: UInt8.self).baseAddress
    guard unsafe RAND_bytes(start, Int32(buffer.count)) == 1 else {
      throw FormatError(.library, "random numbers")
    }
  }
}

/// Compares secrets in a time that does not depend on where they differ.
func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  guard a.count == b.count else { return false }
  var difference: UInt8 = 0
  for (x, y) in zip(a, b) { difference |= x ^ y }
  return difference == 0
}
