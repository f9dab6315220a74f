// SPDX-License-Identifier: Apache-2.0

/// Some rows in one buffer.
struct RowBatch: Sendable {
  static let countMax = 1_000
  static let byteCountMax = 1 << 20

  /// No rows follow in the range.
  var isLast = false
  private var bytes: [UInt8] = []
  private var rows: [(keyEnd: Int, valueEnd: Int)] = []

  var count: Int { rows.count }
  var isFull: Bool { rows.count >= Self.countMax || bytes.count >= Self.byteCountMax }

  mutating func appendKey(_ key: some Collection<UInt8>) {
    bytes += key
    rows.append((bytes.count, bytes.count))
  }

  mutating func appendValue(_ value: some Collection<UInt8>) {
    bytes += value
    guard !rows.isEmpty else { return }
    rows[rows.count - 1].valueEnd = bytes.count
  }

  func key(_ index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : rows[index - 1].valueEnd)..<rows[index].keyEnd]
  }

  func value(_ index: Int) -> ArraySlice<UInt8> {
    bytes[rows[index].keyEnd..<rows[index].valueEnd]
  }
}
