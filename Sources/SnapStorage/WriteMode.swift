// SPDX-License-Identifier: Apache-2.0

/// How an object is to be written.
public struct WriteMode: Hashable, Sendable {
  /// When the bytes must be safe against a power cut.
  public enum Durability: Hashable, Sendable {
    /// When the call returns, together with all deferred writes before it.
    case durable
    /// Before the next durable write or flush returns; for packs.
    case deferred
  }

  /// An object of that name is an error, not replaced.
  public var createOnly: Bool
  /// When the bytes must be safe.
  public var durability: Durability
  /// On a full disk this write may use up the room kept in reserve (see ``LocalBackend``).
  public var usesReserve: Bool

  /// Describes a write.
  public init(createOnly: Bool, durability: Durability, usesReserve: Bool) {
    self.createOnly = createOnly
    self.durability = durability
    self.usesReserve = usesReserve
  }

  /// A new object, durable when acknowledged: everything but packs.
  public static let create = WriteMode(
    createOnly: true, durability: .durable, usesReserve: true)

  /// A new object, durable before the next durable write returns: packs.
  public static let deferred = WriteMode(
    createOnly: true, durability: .deferred, usesReserve: false)
}
