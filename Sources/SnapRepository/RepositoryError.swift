// SPDX-License-Identifier: Apache-2.0

public import SnapStorage

/// Says why a repository cannot do what was asked.
public struct RepositoryError: Error, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: Sendable {
    /// There is no repository at the address.
    case missing
    /// There is one already.
    case exists
    /// No slot opens with this password or key.
    case wrongKey
    /// The key's role does not allow it, or an epoch is missing.
    case notAllowed
    /// Written by a newer version of snap.
    case newer
    /// An object is damaged or missing.
    case damaged
    /// The storage failed; ``RepositoryError/storage`` says how.
    case storage
    /// A file of this computer's own state cannot be used.
    case localState
    /// The run was silent for too long and must begin anew.
    case runExpired
    /// Blobs that the run relied on are gone; the run must go over its files again.
    case blobsGone
  }

  /// What kind.
  public let code: Code
  /// The fact in a few words.
  public let detail: String
  /// The object that it is about, as named in the backend; empty for none.
  public let object: String
  /// The storage's own error.
  public let storage: BackendError?

  /// Says that something is wrong.
  public init(
    _ code: Code, _ detail: String, object: String = "", storage: BackendError? = nil
  ) {
    self.code = code
    self.detail = detail
    self.object = object
    self.storage = storage
  }

  /// Whether the object was not there: often because somebody removed it meanwhile.
  public var isNotFound: Bool { storage?.code == .notFound }

  /// All of it, for logs.
  public var description: String {
    object.isEmpty ? detail : "\(detail) (\(object))"
  }
}

extension RepositoryError {
  /// Wraps the storage's error.
  init(_ error: BackendError, _ what: String, object: String = "") {
    self.init(.storage, "\(what): \(error)", object: object, storage: error)
  }
}
