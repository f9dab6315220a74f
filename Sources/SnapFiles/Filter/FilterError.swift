// SPDX-License-Identifier: Apache-2.0

/// A pattern that could never do what its author wanted.
public struct FilterError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Line of the text, from 1.
  public let line: Int
  /// The pattern as written: raw bytes.
  public let pattern: [UInt8]
  /// What is wrong with it, in English.
  public let reason: String

  /// The line, the pattern and what is wrong.
  public var description: String {
    "line \(line): \(String(decoding: pattern, as: UTF8.self)): \(reason)"
  }
}
