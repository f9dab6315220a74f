// SPDX-License-Identifier: Apache-2.0

/// Why a text is no repository address that can be used.
public struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of mistake.
  public enum Code: String, Hashable, Sendable, CaseIterable {
    /// Nothing but an empty text.
    case empty
    /// A scheme that `snap` does not know.
    case unknownScheme
    /// A scheme that a later version of `snap` will know.
    case notYet
    /// User name or password inside an address.
    case holdsSecret
    /// A `file:` address with another computer's name, a bad escape, or no absolute path.
    case malformed
  }

  /// The kind of mistake.
  public let code: Code
  /// The address, without user name and password, and what is wrong with it.
  public let detail: String

  init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  /// The detail.
  public var description: String { detail }
}
