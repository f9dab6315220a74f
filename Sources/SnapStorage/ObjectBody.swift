// SPDX-License-Identifier: Apache-2.0

/// The immutable bytes of an object to be written, and the owner that keeps them alive.
///
/// A pack is written from where it was built, without a copy.
@safe public struct ObjectBody: @unchecked Sendable {
  // Proof of safety: the bytes are never written again (the owner promises it in `init`), and
  // the pointer is only used while `owner` is held.
  @safe private enum Storage {
    case array([UInt8])
    case owned(AnyObject, UnsafeRawBufferPointer)
  }
  private let storage: Storage

  /// The bytes of an array.
  public init(_ bytes: [UInt8]) {
    storage = .array(bytes)
  }

  /// Bytes in memory that belongs to `owner`.
  ///
  /// The owner keeps them at their place and unchanged for as long as it lives; any thread may
  /// read them and let the owner go.
  public init(owner: AnyObject, bytes: UnsafeRawBufferPointer) {
    unsafe storage = .owned(owner, bytes)
  }

  /// Length in bytes.
  public var count: Int {
    switch storage {
    case .array(let bytes): bytes.count
    case .owned(_, let bytes): bytes.count
    }
  }

  /// Calls `body` with the bytes, which live only as long as the call.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch storage {
    case .array(let bytes):
      return try unsafe bytes.span.withUnsafeBytes(body)
    case .owned(let owner, let bytes):
      defer { extendLifetime(owner) }
      return try unsafe body(bytes)
    }
  }

  /// A copy of the bytes.
  public func copy() -> [UInt8] {
    unsafe withUnsafeBytes { unsafe [UInt8]($0) }
  }
}
