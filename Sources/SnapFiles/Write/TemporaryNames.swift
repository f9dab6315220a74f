// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Names for files that are not complete: ".snap-" and 16 hexadecimal digits.
///
/// They must differ, not be secret: files are made only where nothing of the name exists.
final class TemporaryNames: Sendable {
  private let counter: Atomic<UInt64>
  private static let prefix = Array(".snap-".utf8)
  private static let digits = Array("0123456789abcdef".utf8)

  init() {
    counter = Atomic(UInt64.random(in: 0...UInt64.max))
  }

  /// A name that this object did not give before.
  func next() -> [UInt8] {
    // An odd factor keeps different counts different.
    let count = counter.wrappingAdd(1, ordering: .relaxed).newValue
    let value = count &* 0x9E37_79B9_7F4A_7C15
    var name = Self.prefix
    name.reserveCapacity(22)
    for shift in stride(from: UInt64(60), through: 0, by: -4) {
      name.append(Self.digits[Int(value >> shift & 15)])
    }
    return name
  }

  /// Says whether `name` has the form of these names.
  static func isTemporary(_ name: [UInt8]) -> Bool {
    name.count == 22 && name.starts(with: prefix) && name.dropFirst(6).allSatisfy(digits.contains)
  }
}
