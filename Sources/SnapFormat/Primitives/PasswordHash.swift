// SPDX-License-Identifier: Apache-2.0

import CArgon2
import CCrypto

/// The slow functions between a password and a key.
enum PasswordHash {
  /// Argon2id version 0x13 (RFC 9106), 32 bytes out. `memory` in KiB.
  static func argon2id(
    _ password: [UInt8], salt: [UInt8], memory: UInt32, passes: UInt32, lanes: UInt32
  ) throws(FormatError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 32)
    let result = unsafe argon2id_hash_raw(
      passes, memory, lanes, password, password.count, salt, salt.count, &out, 32)
    guard result == ARGON2_OK.rawValue else {
      throw FormatError(.library, "Argon2id \(result) (not enough memory?)")
    }
    return out
  }

  /// scrypt (RFC 7914), 32 bytes out.
  static func scrypt(
    _ password: [UInt8], salt: [UInt8], logN: UInt64, r: UInt64, p: UInt64
  ) throws(FormatError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 32)
    let text = password.map { CChar(bitPattern: $0) }
    // OpenSSL refuses above its own default of 32 MiB unless told the real bound.
    let memory: UInt64 = 5 << 30
    guard
      unsafe EVP_PBE_scrypt(
        text, text.count, salt, salt.count, 1 << logN, r, p, memory, &out, 32) == 1
    else { throw FormatError(.library, "scrypt (not enough memory?)") }
    return out
  }
}
