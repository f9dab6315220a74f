// SPDX-License-Identifier: Apache-2.0

/// What a store can do; constant for the life of a ``Backend``.
public struct BackendTraits: Hashable, Sendable {
  /// Refused by every back-end, before anything is written or read: 4 GiB.
  public static let objectSizeMax = 1 << 32

  /// How many requests at once make sense.
  public var connections: Int
  /// The store itself refuses to overwrite an object in a create-only write.
  public var createOnly: Bool
  /// The objects are files of a folder that this computer can reach.
  public var isLocal: Bool

  /// Describes a store.
  public init(connections: Int, createOnly: Bool, isLocal: Bool) {
    self.connections = connections
    self.createOnly = createOnly
    self.isLocal = isLocal
  }
}
