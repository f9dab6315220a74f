// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A password as the bytes that key derivation takes.
enum PasswordText {
  /// UTF-8 in Unicode normal form C, so that the same word typed on another system is the same
  /// password. Bytes that are not UTF-8 stay as they are.
  static func normalised(_ bytes: [UInt8]) -> [UInt8] {
    guard let text = String(validating: bytes, as: UTF8.self) else { return bytes }
    return Array(text.precomposedStringWithCanonicalMapping.utf8)
  }

  /// Drops exactly one line ending, `\n` or `\r\n`.
  static func withoutLineEnding(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.last == 10 else { return bytes }
    let line = bytes.dropLast()
    return Array(line.last == 13 ? line.dropLast() : line)
  }
}
