// SPDX-License-Identifier: Apache-2.0

/// The recovery key: 64 characters that are the master key itself.
///
/// Format: FORMAT.md, "Recovery key".
public struct RecoveryKey: Hashable, Sendable {
  /// The master that it holds.
  public let master: MasterKey
  /// The first four bytes of the repository's id.
  public let repositoryPrefix: [UInt8]

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

  /// The recovery key of a repository.
  public init(master: MasterKey, repositoryID: [UInt8]) {
    self.master = master
    repositoryPrefix = Array(repositoryID.prefix(4))
  }

  /// 64 characters in eight groups of eight, joined by dashes.
  public func text() throws(FormatError) -> String {
    let body = [master.epoch] + master.bytes + repositoryPrefix
    let bytes = body + (try SHA256.hash(body).prefix(3))
    var out: [UInt8] = []
    var (accumulator, bits, written) = (UInt32(0), 0, 0)
    for byte in bytes {
      accumulator = accumulator << 8 | UInt32(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        if written > 0, written % 8 == 0 { out.append(UInt8(ascii: "-")) }
        out.append(Self.alphabet[Int(accumulator >> UInt32(bits) & 31)])
        written += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Reads what a person typed: case, spaces, line ends and dashes do not matter; 0, 1 and 8 are
  /// taken for O, I and B.
  ///
  /// - Throws: ``FormatError`` `.truncated` (too short), `.tooLarge` (too long), `.malformed` (a
  ///   character that cannot occur), `.checksum` (a typing error); the detail names the group.
  public init(parsing text: String) throws(FormatError) {
    var values: [UInt8] = []
    for character in text.utf8 {
      let letter: UInt8
      switch character {
      case 32, 9, 10, 13, 45: continue
      case 97...122: letter = character - 32
      case 48: letter = UInt8(ascii: "O")
      case 49: letter = UInt8(ascii: "I")
      case 56: letter = UInt8(ascii: "B")
      default: letter = character
      }
      guard let value = Self.alphabet.firstIndex(of: letter) else {
        throw FormatError(
          .malformed, "group \(values.count / 8 + 1) holds a character that cannot occur")
      }
      values.append(UInt8(value))
    }
    guard values.count >= 64 else {
      throw FormatError(
        .truncated,
        "\(values.count) of 64 characters; group \(values.count / 8 + 1) is not complete")
    }
    guard values.count == 64 else {
      throw FormatError(.tooLarge, "\(values.count) characters instead of 64")
    }
    var bytes: [UInt8] = []
    var (accumulator, bits) = (UInt32(0), 0)
    for value in values {
      accumulator = accumulator << 5 | UInt32(value)
      bits += 5
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: accumulator >> UInt32(bits)))
      }
    }
    let body = Array(bytes[..<37])
    guard try SHA256.hash(body).prefix(3) == bytes[37..<40] else {
      throw FormatError(.checksum, "a character is wrong: the check does not fit")
    }
    master = try MasterKey(epoch: body[0], bytes: Array(body[1..<33]))
    repositoryPrefix = Array(body[33..<37])
  }

  /// Says whether this key belongs to the repository.
  public func belongs(to repositoryID: [UInt8]) -> Bool {
    Array(repositoryID.prefix(4)) == repositoryPrefix
  }
}
