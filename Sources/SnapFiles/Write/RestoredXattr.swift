// SPDX-License-Identifier: Apache-2.0

/// An extended attribute with its whole value, ready to be set.
public struct RestoredXattr: Hashable, Sendable {
  /// The name with its namespace: raw bytes.
  public var name: [UInt8]
  /// The value.
  public var value: [UInt8]

  /// Takes both.
  public init(name: [UInt8], value: [UInt8]) {
    self.name = name
    self.value = value
  }
}
