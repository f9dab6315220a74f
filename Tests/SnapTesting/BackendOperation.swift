// SPDX-License-Identifier: Apache-2.0

/// One call of a ``Backend``, as ``FaultyBackend`` records it.
public struct BackendOperation: Hashable, Sendable, CustomStringConvertible {
  /// Which call.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case list, read, write, remove, flush
  }

  /// Which call.
  public let kind: Kind
  /// The object's name or the prefix; "" for a flush.
  public let target: String
  /// Bytes to be written; 0 for other calls.
  public let byteCount: Int

  /// Like "write snap/0a1b…".
  public var description: String {
    target.isEmpty ? kind.rawValue : "\(kind.rawValue) \(target)"
  }
}
