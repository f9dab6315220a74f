// SPDX-License-Identifier: Apache-2.0

/// Why a store did not do what it was asked.
public struct BackendError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure, by which callers decide.
  public enum Code: String, Hashable, Sendable, CaseIterable {
    /// The object, or the repository's folder, does not exist.
    case notFound
    /// A create-only write met an object of that name.
    case exists
    /// The store refuses this user.
    case accessDenied
    /// No room: full disk or used-up quota.
    case full
    /// The store takes no writes at all.
    case readOnly
    /// The store does not answer at present.
    case unreachable
    /// Not a name or prefix as FORMAT.md allows.
    case invalidName
    /// The range asked for ends behind the object's end.
    case rangeBeyondEnd
    /// The object is longer than any object may be.
    case tooLarge
    /// The store gave or kept fewer bytes than it promised.
    case corrupt
    /// Any other failure of the store.
    case io
  }

  /// The kind of failure.
  public var code: Code
  /// What failed, on which object, and the system's words.
  public var detail: String
  /// The failure below this one.
  public var cause: (any Error)?

  /// A failure `code`; `detail` says what failed, where, and why.
  public init(_ code: Code, _ detail: String, cause: (any Error)? = nil) {
    self.code = code
    self.detail = detail
    self.cause = cause
  }

  /// Trying the same again later may succeed without anybody's help.
  public var isTransient: Bool { code == .unreachable }

  /// The detail, and the cause if there is one.
  public var description: String {
    guard let cause else { return detail }
    return "\(detail) (\(cause))"
  }
}
