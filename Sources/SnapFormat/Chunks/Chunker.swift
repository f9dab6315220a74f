// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Finds where chunks end. Threads may share one.
///
/// Format: FORMAT.md, "Chunks and packs".
// Sendable: the C object never changes between init and deinit.
@safe public final class Chunker: @unchecked Sendable {
  /// How it cuts.
  public let settings: ChunkerSettings
  /// The form of the scan that runs.
  public let kernel: ScanKernel
  private let scanner: OpaquePointer

  /// Makes a chunker that runs `kernel`, or the fastest one that this computer has.
  ///
  /// - Throws: ``FormatError`` `.unsupported` when this computer cannot run `kernel`, `.library`
  ///   when memory is short.
  public init(
    _ settings: ChunkerSettings, _ secrets: ChunkerSecrets, kernel: ScanKernel? = nil
  ) throws(FormatError) {
    self.settings = settings
    self.kernel = kernel ?? .best
    guard self.kernel.isSupported else {
      throw FormatError(.unsupported, "chunk scan \(self.kernel.rawValue)")
    }
    var scan = snap_scan_settings(
      minimum: settings.minimum, average: settings.average, maximum: settings.maximum,
      strict: settings.strict, loose: settings.loose, encrypted: settings.algorithm == .gearAES)
    guard
      let scanner = unsafe snap_scanner_new(secrets.gear, secrets.aes, &scan, self.kernel.code)
    else { throw FormatError(.library, "chunk scan") }
    unsafe self.scanner = scanner
  }

  deinit { unsafe snap_scanner_free(scanner) }

  /// The length of the chunk that begins where `bytes` begin.
  ///
  /// `bytes` are `settings.maximum` or more, or all that are left of the file; 0 only for none.
  public func cut(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let base = unsafe bytes.bindMemory(to: UInt8.self).baseAddress else { return 0 }
    return unsafe snap_scan(scanner, base, bytes.count)
  }

  /// The gear sum of the last 64 of `bytes`, or of all when there are fewer.
  public func gear(last64 bytes: UnsafeRawBufferPointer) -> UInt64 {
    guard let base = unsafe bytes.bindMemory(to: UInt8.self).baseAddress else { return 0 }
    return unsafe snap_scan_gear(scanner, base, bytes.count)
  }

  /// The value that is compared with the threshold where the gear sum is `gear`.
  func value(_ gear: UInt64) -> UInt64 { unsafe snap_scan_value(scanner, gear) }

  /// Whether all of `bytes` are zero: such a chunk is stored as a hole.
  public static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    return unsafe snap_is_zero(base, bytes.count)
  }
}
