// SPDX-License-Identifier: Apache-2.0

/// Repeatable random numbers (splitmix64). Put `description` into what a failing test prints.
public struct SeededRandom: RandomNumberGenerator, Hashable, Sendable, CustomStringConvertible {
  /// Where the numbers began.
  public let seed: UInt64
  private var state: UInt64

  /// Numbers that follow from `seed` alone.
  public init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// A new seed at each run.
  public static func fresh() -> SeededRandom {
    SeededRandom(seed: UInt64.random(in: .min ... .max))
  }

  /// The line that repeats the run.
  public var description: String { "SeededRandom(seed: \(seed))" }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// `count` random bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      let word = next()
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * shift))) }
    }
    bytes.removeLast(bytes.count - max(count, 0))
    return bytes
  }
}
