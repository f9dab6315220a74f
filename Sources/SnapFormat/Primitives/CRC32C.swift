// SPDX-License-Identifier: Apache-2.0

import CKernels

/// CRC-32C (Castagnoli): finds rotten bytes, protects against no attacker.
public enum CRC32C {
  /// The checksum of `bytes`; `previous` is that of the bytes before them.
  public static func checksum(
    _ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0
  ) -> UInt32 {
    unsafe snap_crc32c(previous, bytes.baseAddress, bytes.count)
  }

  /// The checksum of `bytes`; `previous` is that of the bytes before them.
  public static func checksum(_ bytes: [UInt8], continuing previous: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe checksum($0, continuing: previous) }
  }

  /// The same without the processor's instruction, for tests.
  static func portable(_ bytes: [UInt8], continuing previous: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { raw in
      unsafe snap_crc32c_portable(previous, raw.baseAddress, raw.count)
    }
  }
}
