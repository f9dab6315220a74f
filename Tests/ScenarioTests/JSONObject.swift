// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One line of a JSON stream.
// Sendable: only strings and numbers that never change are inside.
struct JSONObject: @unchecked Sendable {
  private let values: [String: Any]

  /// All lines; each must be an object.
  static func lines(_ output: [UInt8]) throws -> [JSONObject] {
    try output.split(separator: UInt8(ascii: "\n")).map { line in
      guard let values = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      else {
        throw ScenarioFailure(description: "no object: \(String(decoding: line, as: UTF8.self))")
      }
      return JSONObject(values: values)
    }
  }

  /// A string member.
  func text(_ name: String) -> String? { values[name] as? String }

  /// A whole number.
  func number(_ name: String) -> Int? { (values[name] as? NSNumber)?.intValue }

  /// Whether there is such a member.
  func has(_ name: String) -> Bool { values[name] != nil }
}
