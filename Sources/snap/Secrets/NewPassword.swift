// SPDX-License-Identifier: Apache-2.0

/// The dialogue for a new password: typed twice, not too short, a weak one confirmed.
struct NewPassword: Sendable {
  /// How often a person may begin again.
  static let tries = 5

  private let environment: Environment
  private let output: Output

  /// Talks through the environment's terminal.
  init(_ environment: Environment, output: Output) {
    self.environment = environment
    self.output = output
  }

  /// Asks for it; the password's bytes, normalised. Fails with `need.answer` where nobody can be
  /// asked (`options` say what to type instead), or after too many tries.
  func ask(options: [(String, String?)]) throws(Failure) -> [UInt8] {
    for _ in 0..<NewPassword.tries {
      guard let typed = try environment.ask("Password           > ", true) else {
        throw .needAnswer("a new password", options: options)
      }
      let password = PasswordText.normalised(typed)
      guard try isGoodEnough(password) else { continue }
      guard let again = try environment.ask("Again              > ", true) else {
        throw .needAnswer("the new password once more", options: options)
      }
      if PasswordText.normalised(again) == password { return password }
      output.note("  the two differ; please type both again")
    }
    throw .usage(
      "no password was chosen", facts: [("meaning", "\(NewPassword.tries) tries did not agree")],
      safe: "nothing was changed", tries: options)
  }

  /// Checks a password that came from a file, a command or a variable.
  static func check(_ password: [UInt8]) throws(Failure) {
    guard length(password) >= PasswordStrength.minimum else {
      throw .usage(
        "a password has at least \(PasswordStrength.minimum) characters",
        safe: "nothing was changed",
        tries: [("openssl rand -base64 18", "a good one, for a password manager")])
    }
  }

  private func isGoodEnough(_ password: [UInt8]) throws(Failure) -> Bool {
    if password.isEmpty {
      output.note("  an empty password protects nothing")
      return false
    }
    if NewPassword.length(password) < PasswordStrength.minimum {
      output.note("  too short: at least \(PasswordStrength.minimum) characters")
      return false
    }
    let strength = PasswordStrength(password)
    output.note("  " + strength.text)
    guard strength.isWeak else { return true }
    let answer = try environment.ask("Use it all the same? [y/N] ", false) ?? []
    return ["y", "yes"].contains(String(decoding: answer, as: UTF8.self).lowercased())
  }

  private static func length(_ password: [UInt8]) -> Int {
    String(decoding: password, as: UTF8.self).count
  }
}
