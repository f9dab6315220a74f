// SPDX-License-Identifier: Apache-2.0

/// How a repository cuts content.
public struct ChunkerSettings: Hashable, Sendable {
  /// What is compared with the threshold.
  public enum Algorithm: UInt64, Sendable, CaseIterable {
    /// The gear sum itself.
    case gear = 1
    /// The gear sum encrypted by AES-128: cuts tell nothing about the gear table.
    case gearAES = 2
  }

  /// The averages that the format permits.
  public static let averages = 1 << 16...1 << 24

  /// What new repositories use: the encrypted sum, 1 MiB.
  public static let standard = ChunkerSettings(.gearAES, 1 << 20)

  /// What is compared with the threshold.
  public let algorithm: Algorithm
  /// The length in bytes that chunks have on average, roughly.
  public let average: Int

  /// Bytes that a chunk exceeds, except the last one before an end.
  public var minimum: Int { average / 4 }
  /// Bytes that no chunk exceeds.
  public var maximum: Int { average * 4 }

  /// Takes both.
  ///
  /// - Throws: ``FormatError`` `.tooLarge` when `average` is not in ``averages``.
  public init(algorithm: Algorithm, average: Int) throws(FormatError) {
    guard Self.averages.contains(average) else { throw FormatError(.tooLarge, "average chunk") }
    self.init(algorithm, average)
  }

  private init(_ algorithm: Algorithm, _ average: Int) {
    self.algorithm = algorithm
    self.average = average
  }

  /// ⌊2^64 / (4 · average)⌋: the threshold up to the average.
  var strict: UInt64 { UInt64(4 * average).dividingFullWidth((1, 0)).quotient }
  /// ⌊2^66 / average⌋: the threshold beyond it.
  var loose: UInt64 { UInt64(average).dividingFullWidth((4, 0)).quotient }
}
