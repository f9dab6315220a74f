// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// A small generator (SplitMix64) whose seed makes a failure repeatable.
struct ChunkTestRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { out, used in
      for i in 0..<count { unsafe out[i] = UInt8(truncatingIfNeeded: next()) }
      used = count
    }
  }
}

/// What the vectors of FORMAT.md are made from.
enum ChunkTestData {
  /// The `chunk` secret of the master key 00…1f.
  static let secret = "052235e982359d5b004a5f1198f0354169d2ac9db30e50dc60b7a8ca5972fa4b"

  static func gear() throws -> [UInt8] {
    try HKDF.expand(key(secret), info: Array("gear".utf8), count: 2048)
  }

  static func aes() throws -> [UInt8] {
    try HKDF.expand(key(secret), info: Array("aes".utf8), count: 16)
  }

  static func secrets() throws -> ChunkerSecrets {
    try ChunkerSecrets(gear: gear(), aes: aes())
  }

  /// SHA-256("snap cdc" ‖ LE64(0)) ‖ SHA-256("snap cdc" ‖ LE64(1)) ‖ …
  static func stream(_ count: Int) throws -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(count + 32)
    var block: UInt64 = 0
    while out.count < count {
      let number = (0..<8).map { UInt8(truncatingIfNeeded: block >> (8 * UInt64($0))) }
      out += try SHA256.hash(Array("snap cdc".utf8) + number)
      block += 1
    }
    return Array(out.prefix(count))
  }

  /// The lengths of all chunks of `bytes`.
  static func lengths(_ chunker: Chunker, _ bytes: [UInt8]) -> [Int] {
    unsafe bytes.withUnsafeBytes { raw in
      var out: [Int] = []
      var start = 0
      while start < raw.count {
        let length = unsafe chunker.cut(UnsafeRawBufferPointer(rebasing: raw[start...]))
        guard length > 0 else { return out }
        out.append(length)
        start += length
      }
      return out
    }
  }

  static func key(_ hex: String) throws -> [UInt8] {
    guard let id = BlobID(hex: hex) else { throw FormatError(.malformed, "test key") }
    return id.bytes
  }

  static let kernels = ScanKernel.allCases.filter(\.isSupported)
}
