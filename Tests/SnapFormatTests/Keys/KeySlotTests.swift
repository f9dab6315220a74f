// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct KeySlotTests {
  /// Every function with costs that a test can bear.
  static let functions: [KeySlot.KDF] = [
    .argon2id(memory: 8, passes: 1, lanes: 1), .argon2id(memory: 64, passes: 2, lanes: 4),
    .scrypt(logN: 4, r: 8, p: 1), .scrypt(logN: 1, r: 1, p: 3), .keyFile,
    .keyFileAndPassword(memory: 8, passes: 1, lanes: 1), .master(epoch: 0), .master(epoch: 1),
  ]

  private func secret(
    _ kdf: KeySlot.KDF, _ samples: inout Samples
  ) throws -> (right: KeySlot.Secret, wrong: KeySlot.Secret) {
    let (a, b) = (samples.bytes(1...60), samples.bytes(61...90))
    switch kdf {
    case .argon2id, .scrypt: return (.password(a), .password(b))
    case .keyFile: return (.keyFile(a), .keyFile(b))
    case .keyFileAndPassword:
      return (.passwordAndKeyFile(a, b), .passwordAndKeyFile(a, a))
    case .master(let epoch):
      let master = try VectorRunner.master(epoch: epoch)
      return (.master(master), .master(try MasterKey(newEpoch: epoch)))
    }
  }

  @Test(arguments: functions, Role.allCases)
  func everySlotOpens(kdf: KeySlot.KDF, role: Role) throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let ring = try TestKeys.full(epochs: 2).reduced(to: role)
    let (right, wrong) = try secret(kdf, &samples)
    let label = samples.text(0...30)
    let slot = try KeySlot(wrapping: ring, kdf: kdf, secret: right, label: label)
    let bytes = try slot.encoded()
    #expect(bytes.allSatisfy { (0x20...0x7e).contains($0) || $0 == 10 })
    let read = try KeySlot(decoding: bytes)
    #expect(read == slot, "\(seed)")
    // A decomposed character is another one: compare bytes.
    #expect(Array(read.label.utf8) == Array(label.utf8), "\(seed)")
    #expect(try read.open(right) == ring, "\(seed)")
    #expect(try code { _ = try read.open(wrong) } == .wrongKey, "\(seed)")
    let again = try KeySlot(wrapping: ring, kdf: kdf, secret: right, label: label)
    #expect(again.salt != slot.salt)
    #expect(again.wrapped != slot.wrapped)
  }

  @Test(arguments: functions)
  func secretsOfAnotherKindDoNotFit(kdf: KeySlot.KDF) throws {
    var samples = Samples(.fresh())
    let ring = try TestKeys.full()
    let right = try secret(kdf, &samples).right
    let slot = try KeySlot(wrapping: ring, kdf: kdf, secret: right, label: "")
    for other in Self.functions where other != kdf {
      if case .argon2id = kdf, case .scrypt = other { continue }
      if case .scrypt = kdf, case .argon2id = other { continue }
      if case .argon2id = kdf, case .argon2id = other { continue }
      if case .scrypt = kdf, case .scrypt = other { continue }
      let secret = try secret(other, &samples).right
      #expect(try slot.open(secret) == nil, "\(kdf) \(other)")
      #expect(
        try code { _ = try KeySlot(wrapping: ring, kdf: kdf, secret: secret, label: "") }
          == .mismatch)
    }
  }

  /// None of them may be computed, trap, or take memory.
  static let refused: [KeySlot.KDF] = [
    .argon2id(memory: 7, passes: 1, lanes: 1), .argon2id(memory: 8, passes: 0, lanes: 1),
    .argon2id(memory: 8, passes: 1, lanes: 0), .argon2id(memory: 4 << 20 + 1, passes: 1, lanes: 1),
    .argon2id(memory: .max, passes: .max, lanes: .max),
    .argon2id(memory: 8, passes: 65, lanes: 1), .argon2id(memory: 8, passes: 1, lanes: 65),
    .scrypt(logN: 0, r: 8, p: 1), .scrypt(logN: 15, r: 0, p: 1), .scrypt(logN: 15, r: 8, p: 0),
    .scrypt(logN: 26, r: 1, p: 1), .scrypt(logN: 22, r: 8, p: 2), .scrypt(logN: 40, r: 1, p: 1),
    .scrypt(logN: 40, r: 1 << 20, p: 1 << 20), .scrypt(logN: 1, r: 1 << 32, p: 1 << 32),
    .scrypt(logN: .max, r: .max, p: .max), .scrypt(logN: 64, r: 1, p: 1),
    .scrypt(logN: 1, r: 1 << 24, p: 2),
  ]

  @Test(arguments: refused)
  func costsOutOfBoundsAreRefused(kdf: KeySlot.KDF) throws {
    let slot = KeySlot(
      kdf: kdf, salt: [UInt8](repeating: 1, count: 32), role: .full, label: "",
      commit: [UInt8](repeating: 2, count: 32), wrapped: [])
    let read = try KeySlot(decoding: slot.encoded())
    #expect(read.kdf == kdf)
    #expect(try code { _ = try read.open(.password([97])) } == .tooLarge)
  }

  @Test func everyFlippedBitIsNoticed() throws {
    let slot = try KeySlot(
      wrapping: TestKeys.full(), kdf: .keyFile, secret: .keyFile([1, 2, 3]), label: "x")
    let bytes = try slot.encoded()
    for bit in 0..<bytes.count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      let found = try code { _ = try KeySlot(decoding: changed) }
      #expect(found == .checksum || found == .malformed, "bit \(bit)")
    }
    for end in bytes.indices {
      #expect(try code { _ = try KeySlot(decoding: Array(bytes[..<end])) } != nil, "\(end)")
    }
  }

  @Test(arguments: [
    "\\u+123", "\\u-123", "\\u12", "\\x", "\\", "\u{7f}", "\t", "é",
  ])
  func labelsThatAreNoJSON(label: String) throws {
    let plain = try KeySlot(
      wrapping: TestKeys.full(), kdf: .keyFile, secret: .keyFile([1]), label: "MARK"
    ).encoded()
    let text = String(decoding: plain.dropLast(29), as: UTF8.self)
    let parts = text.split(separator: "MARK")
    try #require(parts.count == 2)
    let body = Array("\(parts[0])\(label)\(parts[1])".utf8)
    let check = Hex.encode(try SHA256.hash(body).prefix(8))
    let changed = body + Array(",\"check\":\"\(check)\"}\n".utf8)
    #expect(try code { _ = try KeySlot(decoding: changed) } == .malformed)
  }

  @Test func limitOfLength() throws {
    let long = [UInt8](repeating: 32, count: KeySlot.byteCountMax + 1)
    #expect(try code { _ = try KeySlot(decoding: long) } == .tooLarge)
  }
}
