// SPDX-License-Identifier: Apache-2.0

import SnapTesting

@testable import SnapFormat

/// A vector while it runs: hands out the inputs, compares the outputs.
final class VectorCase {
  let file: VectorFile
  /// What differed.
  private(set) var problems: [String] = []
  private var compared: Set<String> = []

  init(_ file: VectorFile) { self.file = file }

  var payload: [UInt8] { file.payload }

  struct MissingKey: Error {
    let key: String
  }

  // MARK: inputs

  func has(_ key: String) -> Bool { file.values[key] != nil }

  func word(_ key: String) throws -> String {
    guard let value = file.values[key] else { throw MissingKey(key: key) }
    return value
  }

  func words(_ key: String) throws -> [String] {
    try word(key).split(separator: " ").map(String.init)
  }

  func bytes(_ key: String) throws -> [UInt8] {
    guard let value = Hex.decode(try word(key)) else { throw MissingKey(key: key) }
    return value
  }

  func number(_ key: String) throws -> UInt64 {
    guard let value = UInt64(try word(key)) else { throw MissingKey(key: key) }
    return value
  }

  func numbers(_ key: String) throws -> [Int] {
    try words(key).map { word in
      guard let value = Int(word) else { throw MissingKey(key: key) }
      return value
    }
  }

  func kind() throws -> ObjectKind {
    guard let kind = ObjectKind(rawValue: UInt8(truncatingIfNeeded: try number("kind"))) else {
      throw MissingKey(key: "kind")
    }
    return kind
  }

  func name() throws -> ObjectID {
    guard let id = ObjectID(hex: try word("name")) else { throw MissingKey(key: "name") }
    return id
  }

  func ring() throws -> KeyRing { try KeyRing(decoding: bytes("ring")) }

  // MARK: outputs

  /// Compares a value of `gives-NAME`, where the file has one.
  func gives(_ name: String, _ value: String) {
    let key = "gives-\(name)"
    compared.insert(key)
    guard let wanted = file.values[key] else { return }
    if wanted != value { problems.append("\(key): \(wanted) wanted, \(value) came out") }
  }

  func gives(_ name: String, _ bytes: [UInt8]) { gives(name, Hex.encode(bytes)) }

  func gives(_ name: String, _ number: some BinaryInteger) { gives(name, "\(number)") }

  /// A list: its elements separated by spaces.
  func gives(_ name: String, list: some Sequence<some CustomStringConvertible>) {
    gives(name, list.map(\.description).joined(separator: " "))
  }

  func gives(_ name: String, list: some Sequence<[UInt8]>) {
    gives(name, list: list.map { Hex.encode($0) })
  }

  /// A number, highest digit first.
  func gives(_ name: String, hex number: UInt64, digits: Int = 16) {
    let text = String(number, radix: 16)
    gives(name, String(repeating: "0", count: max(digits - text.count, 0)) + text)
  }

  /// What an encoder makes must be the payload again.
  func encodes(_ bytes: [UInt8]) {
    if bytes != payload { problems.append("encodes as \(Hex.encode(bytes))") }
  }

  func require(_ condition: Bool, _ what: String) {
    if !condition { problems.append(what) }
  }

  /// Runs the decoder of the section: what it said, in the words of the vectors.
  func outcome() -> VectorOutcome {
    do {
      try file.section.run(self)
    } catch let error as FormatError {
      return VectorOutcome(said: error.code.rawValue, problems: file.mustPass ? ["\(error)"] : [])
    } catch {
      return VectorOutcome(said: "error", problems: ["\(error)"])
    }
    let left = file.values.keys.filter { $0.hasPrefix("gives-") && !compared.contains($0) }
    return VectorOutcome(said: "ok", problems: problems + left.map { "nothing gave \($0)" })
  }
}

/// What became of one vector.
struct VectorOutcome: Sendable {
  /// "ok" or the reason of the failure.
  let said: String
  /// What differs from the file although `said` may be right.
  let problems: [String]

  private static let known = Shared<[String: VectorOutcome]>([:])

  /// Runs `file`, once however many tests ask.
  static func of(_ file: VectorFile) -> VectorOutcome {
    if let outcome = known.value[file.name] { return outcome }
    let outcome = VectorCase(file).outcome()
    known.change { $0[file.name] = outcome }
    return outcome
  }
}

/// The decoders by section; its functions are in extensions.
enum VectorRunner {}
