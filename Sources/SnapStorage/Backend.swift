// SPDX-License-Identifier: Apache-2.0

/// A store of whole, immutable objects under names: a folder, a bucket, a server.
///
/// Every implementation and every decorator keeps these obligations; they are the cases of
/// `BackendSuite`, which runs against all of them:
///
/// - **Durable when acknowledged.** When a durable ``write(_:to:_:)``, a ``remove(_:)`` or
///   ``flush()`` returns, its effect outlives a crash or a power cut. Nothing is acknowledged
///   early.
/// - **Deferred writes** may return before they are durable. Every durable write first makes all
///   deferred writes acknowledged before it durable, and so does ``flush()``. While one of them
///   cannot be made durable, both throw, again and again, until that object is removed.
/// - **Whole or nothing.** An object is listed and read whole, or it is not there. Its length is
///   proved after the write. A write that throws leaves the whole object or none; one that
///   throws ``BackendError/Code/exists`` changed nothing.
/// - **Written once.** A create-only write never changes an object that exists; it throws
///   `.exists`. Of two at the same time at most one succeeds.
/// - **Removing twice succeeds**: the removal of an object that is not there is no error.
/// - **Reads are exact.** They return just the bytes of the range asked for. A range that reaches
///   beyond the end is an error (`.rangeBeyondEnd`), never a shorter answer; an empty range inside
///   the object is an empty answer. A missing object is `.notFound`.
/// - **Listings** have no order. They are complete for objects acknowledged before they began and
///   not removed meanwhile; names that are no ``ObjectName`` are passed over.
/// - Bad names, broken objects and lying servers are thrown as ``BackendError``, never a trap.
/// - All calls may come from many tasks at once.
public protocol Backend: Sendable {
  /// What this store can do.
  var traits: BackendTraits { get }

  /// Lists objects with length and time.
  ///
  /// - Parameter prefix: "" for everything but `tmp/`; a folder with its final slash, like "snap/"
  ///   or "tmp/"; or a whole object name, which gives that one object or nothing. A folder that
  ///   does not exist is empty.
  /// - Throws: `.invalidName` for any other prefix.
  func list(_ prefix: String) async throws(BackendError) -> [ObjectInfo]

  /// Reads a range of bytes of an object, or all of it.
  func read(_ name: ObjectName, _ range: Range<Int>?) async throws(BackendError) -> [UInt8]

  /// Writes an object of at most ``BackendTraits/objectSizeMax`` bytes.
  func write(
    _ body: ObjectBody, to name: ObjectName, _ mode: WriteMode
  ) async throws(BackendError)

  /// Removes an object; succeeds when there is none.
  func remove(_ name: ObjectName) async throws(BackendError)

  /// Makes all deferred writes that were acknowledged before durable.
  func flush() async throws(BackendError)
}

extension Backend {
  /// The object's length and time, or nil when it does not exist.
  public func look(_ name: ObjectName) async throws(BackendError) -> ObjectInfo? {
    try await list(name.text).first
  }
}
