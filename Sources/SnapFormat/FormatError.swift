// SPDX-License-Identifier: Apache-2.0

/// Says why bytes are not what FORMAT.md describes.
public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure; the names are those of the vectors under Tests/Vectors.
  public enum Code: String, Sendable, CaseIterable {
    /// The bytes end too early.
    case truncated
    /// Magic, tail or reserved bytes are not as they must be.
    case malformed
    /// Well formed, but not the one permitted form.
    case notCanonical = "not canonical"
    /// A limit of the format is exceeded.
    case tooLarge = "too large"
    /// A checksum differs.
    case checksum
    /// Authentication failed: damaged or forged.
    case notAuthentic = "not authentic"
    /// The key does not belong to the object.
    case wrongKey = "wrong key"
    /// Written by a newer version: version, suite, kind or feature is unknown.
    case unsupported
    /// The key epoch is not in the key ring, or the ring's role lacks the key.
    case noKey = "no key"
    /// A name, id or length differs from what was asked for.
    case mismatch
    /// A path or name that must never be followed.
    case unsafePath = "unsafe path"
    /// A system library failed for a reason that is not in the bytes.
    case library
  }

  /// What kind of failure.
  public let code: Code
  /// The fact in a few words, for the details of a message.
  public let detail: String

  /// Says that `detail` is wrong in the way of `code`.
  public init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  /// Both, for logs.
  public var description: String { "\(detail) (\(code.rawValue))" }
}
