// SPDX-License-Identifier: Apache-2.0

/// Foreign text made harmless for a terminal: names from file systems, words of servers.
enum EscapedText {
  /// Readable text of raw bytes: C0, C1, DEL, line separators, what turns the direction of writing
  /// round, and bytes that are not UTF-8 appear as `\x1b`; everything else stays.
  static func printable(_ bytes: some Collection<UInt8>) -> String {
    let bytes = Array(bytes)
    var out = ""
    out.reserveCapacity(bytes.count)
    forEachScalar(bytes) { scalar, range in
      if let scalar, !isDangerous(scalar) {
        out.unicodeScalars.append(scalar)
      } else {
        for byte in bytes[range] { out += hex(byte) }
      }
    }
    return out
  }

  /// The same for text.
  static func printable(_ text: String) -> String {
    text.unicodeScalars.contains(where: isDangerous) ? printable(text.utf8) : text
  }

  /// A byte as `\x1b`.
  static func hex(_ byte: UInt8) -> String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var out = "\\x"
    out.unicodeScalars.append(digits[Int(byte >> 4)])
    out.unicodeScalars.append(digits[Int(byte & 15)])
    return out
  }

  /// Whether a terminal could do something else than show it.
  static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: true
    // Direction marks, embeddings, overrides and isolates; line and paragraph separator.
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    // Tags are invisible and can carry hidden text; so can the byte order mark.
    case 0xFEFF, 0xE0000...0xE007F: true
    default: false
    }
  }

  /// Walks over bytes as UTF-8: each scalar, or nil for bytes that are none, with their range.
  static func forEachScalar(
    _ bytes: [UInt8], _ body: (Unicode.Scalar?, Range<Int>) -> Void
  ) {
    var parser = Unicode.UTF8.ForwardParser()
    var source = bytes.makeIterator()
    var position = 0
    while true {
      switch parser.parseScalar(from: &source) {
      case .valid(let encoded):
        body(Unicode.UTF8.decode(encoded), position..<position + encoded.count)
        position += encoded.count
      case .error(let length):
        let end = min(position + max(length, 1), bytes.count)
        body(nil, position..<end)
        position = end
      case .emptyInput:
        return
      }
    }
  }
}
