// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnapFormat

/// A JSON value; objects keep the order of their keys.
enum JSONValue: Equatable, Sendable {
  /// Text.
  case string(String)
  /// A whole number.
  case int(Int64)
  /// A whole number that may exceed `Int64`.
  case unsigned(UInt64)
  /// A number with a fraction; must be finite.
  case double(Double)
  /// True or false.
  case bool(Bool)
  /// A list.
  case array([JSONValue])
  /// An object.
  case object(JSONLine)
}

/// One JSON object, written on one line, its keys in the order of their addition.
///
/// A value that is nil adds no key: unknown is absent, never null.
struct JSONLine: Equatable, Sendable {
  private var keys: [String] = []
  private var values: [JSONValue] = []

  /// An empty object.
  init() {}

  /// An object whose first key is `type`.
  init(type: String) { add("type", type) }

  /// Adds a value; nil adds nothing.
  mutating func add(_ key: String, _ value: JSONValue?) {
    guard let value else { return }
    keys.append(key)
    values.append(value)
  }

  /// Adds text.
  mutating func add(_ key: String, _ text: String?) { add(key, text.map(JSONValue.string)) }
  /// Adds a whole number; one that is too large for `Int64` is written in full, too.
  mutating func add(_ key: String, _ number: (some FixedWidthInteger)?) {
    guard let number else { return }
    if let small = Int64(exactly: number) {
      add(key, JSONValue.int(small))
    } else if let large = UInt64(exactly: number) {
      add(key, JSONValue.unsigned(large))
    }
  }
  /// Adds a number with a fraction; one that is not finite adds nothing.
  mutating func add(_ key: String, _ number: Double?) {
    add(key, number.flatMap { $0.isFinite ? JSONValue.double($0) : nil })
  }
  /// Adds true or false.
  mutating func add(_ key: String, _ truth: Bool?) { add(key, truth.map(JSONValue.bool)) }
  /// Adds a list of texts.
  mutating func add(_ key: String, _ texts: [String]?) {
    add(key, texts.map { JSONValue.array($0.map(JSONValue.string)) })
  }
  /// Adds an object.
  mutating func add(_ key: String, _ object: JSONLine?) {
    add(key, object.map(JSONValue.object))
  }
  /// Adds a point in time: RFC 3339, UTC, nanoseconds.
  mutating func add(_ key: String, _ time: FileTime?) { add(key, time.map(LocalTime.machine)) }

  /// Adds a name: as text, and where it is not UTF-8 also its bytes as `KEY_bytes` in base64.
  mutating func addName(_ key: String, _ bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self) {
      add(key, text)
    } else {
      add(key, String(decoding: bytes, as: UTF8.self))
      add(key + "_bytes", Data(bytes).base64EncodedString())
    }
  }

  /// Adds the `path` of an entry.
  mutating func addPath(_ bytes: [UInt8]) { addName("path", bytes) }

  /// Adds all keys of another object.
  mutating func add(contentsOf other: JSONLine) {
    keys += other.keys
    values += other.values
  }

  /// The value of a key.
  subscript(key: String) -> JSONValue? {
    keys.firstIndex(of: key).map { values[$0] }
  }

  /// The object's text, without a line ending.
  var text: String {
    var out = ""
    write(to: &out)
    return out
  }

  private func write(to out: inout String) {
    out += "{"
    for (index, key) in keys.enumerated() {
      if index > 0 { out += "," }
      JSONLine.write(key, to: &out)
      out += ":"
      JSONLine.write(values[index], to: &out)
    }
    out += "}"
  }

  private static func write(_ value: JSONValue, to out: inout String) {
    switch value {
    case .string(let text): write(text, to: &out)
    case .int(let number): out += String(number)
    case .unsigned(let number): out += String(number)
    case .double(let number): out += number.isFinite ? String(number) : "0"
    case .bool(let truth): out += truth ? "true" : "false"
    case .object(let object): object.write(to: &out)
    case .array(let values):
      out += "["
      for (index, item) in values.enumerated() {
        if index > 0 { out += "," }
        write(item, to: &out)
      }
      out += "]"
    }
  }

  private static func write(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      // JSON asks for C0 only; the rest keeps a terminal safe that JSON is shown on.
      case let odd where EscapedText.isDangerous(odd):
        for unit in String(odd).utf16 {
          let hex = String(unit, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
