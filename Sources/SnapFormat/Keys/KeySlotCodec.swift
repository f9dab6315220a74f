// SPDX-License-Identifier: Apache-2.0

extension KeySlot {
  /// A slot is never longer than this, in bytes.
  public static let byteCountMax = 64 * 1024

  /// The slot's file: one line of JSON with its check.
  public func encoded() throws(FormatError) -> [UInt8] {
    var text = "{\"snap_key\":1,"
    switch kdf {
    case .argon2id(let m, let t, let p):
      text += "\"kdf\":\"argon2id\",\"m_kib\":\(m),\"t\":\(t),\"p\":\(p),"
    case .scrypt(let logN, let r, let p):
      text += "\"kdf\":\"scrypt\",\"log_n\":\(logN),\"r\":\(r),\"p\":\(p),"
    case .keyFile: text += "\"kdf\":\"file\","
    case .keyFileAndPassword(let m, let t, let p):
      text += "\"kdf\":\"file\",\"m_kib\":\(m),\"t\":\(t),\"p\":\(p),"
    case .master(let epoch): text += "\"kdf\":\"master\",\"epoch\":\(epoch),"
    }
    text += "\"salt\":\"\(Hex.encode(salt))\",\"role\":\"\(role.rawValue)\","
    text += "\"label\":\(FlatJSON.quote(label)),\"commit\":\"\(Hex.encode(commit))\","
    text += "\"wrapped\":\"\(Hex.encode(wrapped))\""
    let check = Hex.encode(try SHA256.hash(Array(text.utf8)).prefix(8))
    return Array((text + ",\"check\":\"\(check)\"}\n").utf8)
  }

  /// Reads a slot's file.
  ///
  /// - Throws: ``FormatError`` `.tooLarge`, `.truncated`, `.malformed`, `.checksum`, `.unsupported`
  ///   (an unknown function or version). Never traps, whatever the bytes.
  public init(decoding bytes: [UInt8]) throws(FormatError) {
    guard bytes.count <= Self.byteCountMax else { throw FormatError(.tooLarge, "key slot") }
    try Self.verifyCheck(bytes)
    let members = try FlatJSON.parse(bytes)
    guard case .number(let version)? = members["snap_key"] else {
      throw FormatError(.malformed, "key slot")
    }
    guard version == 1 else { throw FormatError(.unsupported, "key slot version") }
    func text(_ name: String) throws(FormatError) -> String {
      guard case .text(let value)? = members[name] else {
        throw FormatError(.malformed, "key slot member \(name)")
      }
      return value
    }
    func hex(_ name: String) throws(FormatError) -> [UInt8] {
      guard let value = Hex.decode(try text(name)) else {
        throw FormatError(.malformed, "key slot member \(name)")
      }
      return value
    }
    guard let role = Role(rawValue: try text("role")) else {
      throw FormatError(.unsupported, "role of a key slot")
    }
    let salt = try hex("salt")
    let commit = try hex("commit")
    guard salt.count == 32, commit.count == 32 else {
      throw FormatError(.malformed, "key slot lengths")
    }
    self.init(
      kdf: try Self.decodeKDF(text("kdf"), members), salt: salt, role: role,
      label: try text("label"), commit: commit, wrapped: try hex("wrapped"))
  }

  private static func decodeKDF(
    _ name: String, _ members: [String: FlatJSON.Value]
  ) throws(FormatError) -> KDF {
    func number(_ name: String) throws(FormatError) -> UInt64 {
      guard case .number(let value)? = members[name] else {
        throw FormatError(.malformed, "key slot member \(name)")
      }
      return value
    }
    switch name {
    case "argon2id":
      return .argon2id(
        memory: try number("m_kib"), passes: try number("t"), lanes: try number("p"))
    case "scrypt":
      return .scrypt(logN: try number("log_n"), r: try number("r"), p: try number("p"))
    case "file":
      guard members["m_kib"] != nil else { return .keyFile }
      return .keyFileAndPassword(
        memory: try number("m_kib"), passes: try number("t"), lanes: try number("p"))
    case "master":
      guard let epoch = UInt8(exactly: try number("epoch")) else {
        throw FormatError(.malformed, "epoch of a key slot")
      }
      return .master(epoch: epoch)
    default: throw FormatError(.unsupported, "key derivation \(name)")
    }
  }

  /// Compares the slot's own check, which needs no key.
  public static func verifyCheck(_ bytes: [UInt8]) throws(FormatError) {
    // ,"check":"0123456789abcdef"} and a line feed: 29 bytes.
    let tail = 29
    guard bytes.count > tail else { throw FormatError(.truncated, "key slot") }
    let body = Array(bytes.dropLast(tail))
    let expected = ",\"check\":\"\(Hex.encode(try SHA256.hash(body).prefix(8)))\"}\n"
    guard bytes.suffix(tail).starts(with: ",\"check\":\"".utf8), bytes.suffix(3) == [34, 125, 10]
    else { throw FormatError(.malformed, "key slot") }
    guard Array(bytes.suffix(tail)) == Array(expected.utf8) else {
      throw FormatError(.checksum, "key slot")
    }
  }
}

/// One flat JSON object of strings and unsigned numbers, no white space (RFC 8259).
enum FlatJSON {
  enum Value: Equatable {
    case text(String)
    case number(UInt64)
  }

  static func quote(_ text: String) -> String {
    var out = "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: out += "\\\""
      case 0x5C: out += "\\\\"
      case 0x20...0x7E: out.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let hex = String(unit, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      }
    }
    return out + "\""
  }

  static func parse(_ bytes: [UInt8]) throws(FormatError) -> [String: Value] {
    var rest = bytes[...]
    if rest.last == 10 { rest = rest.dropLast() }
    func expect(_ byte: UInt8) throws(FormatError) {
      guard rest.first == byte else { throw FormatError(.malformed, "JSON") }
      rest = rest.dropFirst()
    }
    var out: [String: Value] = [:]
    try expect(UInt8(ascii: "{"))
    while true {
      let name = try string(&rest)
      try expect(UInt8(ascii: ":"))
      let value: Value =
        rest.first == UInt8(ascii: "\"") ? .text(try string(&rest)) : .number(try number(&rest))
      guard out.updateValue(value, forKey: name) == nil else {
        throw FormatError(.malformed, "JSON member twice")
      }
      if rest.first == UInt8(ascii: ",") {
        rest = rest.dropFirst()
        continue
      }
      try expect(UInt8(ascii: "}"))
      guard rest.isEmpty else { throw FormatError(.malformed, "JSON") }
      return out
    }
  }

  private static func number(_ rest: inout ArraySlice<UInt8>) throws(FormatError) -> UInt64 {
    let digits = rest.prefix { (48...57).contains($0) }
    guard let value = UInt64(String(decoding: digits, as: UTF8.self)),
      digits.count == 1 || digits.first != 48
    else { throw FormatError(.malformed, "JSON number") }
    rest = rest.dropFirst(digits.count)
    return value
  }

  private static func string(_ rest: inout ArraySlice<UInt8>) throws(FormatError) -> String {
    guard rest.popFirst() == UInt8(ascii: "\"") else { throw FormatError(.malformed, "JSON") }
    var units: [UInt16] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: units, as: UTF16.self)
      case UInt8(ascii: "\\"):
        guard let escape = rest.popFirst() else { throw FormatError(.malformed, "JSON") }
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(UInt16(escape))
        case UInt8(ascii: "u"):
          let digits = rest.prefix(4)
          // The initialiser alone would take a sign too.
          guard digits.count == 4, digits.allSatisfy({ $0 != 43 && $0 != 45 }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
          else { throw FormatError(.malformed, "JSON escape") }
          units.append(unit)
          rest = rest.dropFirst(4)
        default: throw FormatError(.malformed, "JSON escape")
        }
      case 0x20...0x7E: units.append(UInt16(byte))
      default: throw FormatError(.malformed, "JSON character")
      }
    }
    throw FormatError(.truncated, "JSON")
  }
}
