// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A rough estimate of how long somebody would have to guess.
struct PasswordStrength: Equatable, Sendable {
  /// Fewest characters of a password.
  static let minimum = 8
  /// Guesses a second that are assumed: the key derivation allows far fewer on one computer.
  static let guesses = 10_000.0

  /// The estimate in bits.
  let bits: Double
  /// Whether a second yes is asked for: less than about a month.
  var isWeak: Bool { bits < 35 }

  /// Looks at a password. Repeated and neighbouring characters and common words count little.
  init(_ password: [UInt8]) {
    let text = String(decoding: password, as: UTF8.self)
    var rest = text.lowercased()
    var bits = 0.0
    for word in PasswordStrength.common where rest.contains(word) {
      rest = rest.replacingOccurrences(of: word, with: "")
      bits += 7
    }
    let scalars = Array(rest.unicodeScalars)
    let perCharacter = log2(PasswordStrength.alphabet(text))
    var seen: Set<Unicode.Scalar> = []
    for (index, scalar) in scalars.enumerated() {
      var share = seen.insert(scalar).inserted ? 1.0 : 0.6
      if index > 0, abs(Int(scalar.value) - Int(scalars[index - 1].value)) <= 1 { share = 0.2 }
      bits += perCharacter * share
    }
    self.bits = bits
  }

  /// `strong: about 10 y to guess at 10 000 tries a second`.
  var text: String {
    let seconds = min(pow(2, bits - 1) / PasswordStrength.guesses, 1e18)
    let word = isWeak ? "weak" : bits < 50 ? "fair" : "strong"
    let centuries = seconds > 1000 * 365.25 * 86_400
    let time = centuries ? "over 1\u{2009}000 years" : "about " + Durations.rough(seconds)
    return "\(word): \(time) to guess at 10\u{2009}000 tries a second"
  }

  private static let common = [
    "password", "passwort", "qwertyui", "qwerty", "qwertz", "azerty", "iloveyou", "letmein",
    "welcome", "dragon", "monkey", "football", "sunshine", "princess", "backup", "secret",
    "admin", "master", "summer", "winter", "hello", "photos", "family", "snap",
  ]

  private static func alphabet(_ text: String) -> Double {
    var size = 0.0
    let scalars = text.unicodeScalars
    if scalars.contains(where: { ("a"..."z").contains($0) }) { size += 26 }
    if scalars.contains(where: { ("A"..."Z").contains($0) }) { size += 26 }
    if scalars.contains(where: { ("0"..."9").contains($0) }) { size += 10 }
    if scalars.contains(where: { $0 == " " }) { size += 1 }
    let isOther = { (scalar: Unicode.Scalar) in
      scalar.isASCII && !scalar.properties.isAlphabetic && !("0"..."9").contains(scalar)
        && scalar != " "
    }
    if scalars.contains(where: isOther) { size += 32 }
    if scalars.contains(where: { !$0.isASCII }) { size += 60 }
    return max(size, 2)
  }
}
