// SPDX-License-Identifier: Apache-2.0

public import SnapFiles

/// What an operation tells while it runs; the caller draws it or not.
public enum OperationEvent: Sendable {
  /// Bytes and files so far.
  case progress(OperationProgress)
  /// An entry that could not be read or written; the operation goes on.
  case problem(FileError)
}

/// How far an operation is.
public struct OperationProgress: Sendable {
  /// Files finished.
  public var files: UInt64 = 0
  /// Bytes of those files.
  public var bytes: UInt64 = 0
  /// Files in all, when known.
  public var filesTotal: UInt64?
  /// Bytes in all, when known.
  public var bytesTotal: UInt64?
  /// Bytes sent to the storage.
  public var sent: UInt64 = 0
  /// The file at hand: raw bytes.
  public var path: [UInt8] = []

  /// Nothing done yet.
  public init() {}
}

/// Where events go; called from many threads.
public typealias EventSink = @Sendable (OperationEvent) -> Void
