// SPDX-License-Identifier: Apache-2.0

/// A run of data or a hole in a file.
public struct Extent: Hashable, Sendable {
  /// Where it begins, in bytes.
  public let offset: UInt64
  /// How long it is, in bytes; never 0.
  public let length: UInt64
  /// No block is behind it: it reads as zeros.
  public let isHole: Bool

  init(_ range: Range<UInt64>, isHole: Bool) {
    offset = range.lowerBound
    length = range.upperBound - range.lowerBound
    self.isHole = isHole
  }
}
