// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The forms of the chunk scan; all of them cut alike.
public enum ScanKernel: String, CaseIterable, Sendable {
  /// Plain C, for every processor. Its time depends on the secrets through the cache.
  case portable
  /// AES instructions, one position in each register.
  case aesni
  /// Vector AES on 256-bit registers (AVX2).
  case vaes256
  /// Vector AES on 512-bit registers (AVX-512).
  case vaes512

  /// The fastest form that this computer can run.
  public static var best: ScanKernel { allCases.last { $0.isSupported } ?? .portable }

  /// Whether processor and operating system can run it.
  public var isSupported: Bool { snap_kernel_supported(code) }

  /// The number in the C header.
  var code: Int32 {
    switch self {
    case .portable: 0
    case .aesni: 1
    case .vaes256: 2
    case .vaes512: 3
    }
  }
}
