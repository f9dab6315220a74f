// SPDX-License-Identifier: Apache-2.0

/// Reading `SNAP_…` variables: nonsense is a failure, never ignored.
extension Environment {
  /// The progress styles of `--progress` and `SNAP_PROGRESS`.
  static let progressStyles = ["auto", "bar", "plain", "json", "none"]

  /// The text of a variable; nil if it is not set.
  ///
  /// Empty is a failure: it is mostly a script's forgotten value, and to go on as if the variable
  /// were not there would mean another repository or another key than the one meant.
  func text(_ name: String) throws(Failure) -> String? {
    guard let value = variables[name] else { return nil }
    if value.isEmpty { throw nonsense(name, "it is set, but empty") }
    return value
  }

  /// A yes-or-no variable; nil if it is not set.
  func flag(_ name: String) throws(Failure) -> Bool? {
    guard let value = try text(name) else { return nil }
    switch value.lowercased() {
    case "1", "true", "yes", "on": return true
    case "0", "false", "no", "off": return false
    default: throw nonsense(name, "it must be 1 or 0")
    }
  }

  /// A variable that holds one of some words; nil if it is not set.
  func choice(_ name: String, of words: [String]) throws(Failure) -> String? {
    guard let value = try text(name) else { return nil }
    guard words.contains(value) else {
      throw nonsense(name, "it must be one of " + words.joined(separator: ", "))
    }
    return value
  }

  /// A variable that holds the number of an open file descriptor; nil if it is not set.
  func descriptor(_ name: String) throws(Failure) -> Int32? {
    guard let value = try text(name) else { return nil }
    guard let number = Int32(value), number >= 0 else {
      throw nonsense(name, "it must be the number of an open file descriptor")
    }
    return number
  }

  /// Checks every variable that is understood, so that nonsense ends a command before its work.
  func checkVariables() throws(Failure) {
    for name in [
      "SNAP_REPO", "SNAP_CONFIG", "SNAP_CACHE_DIR", "SNAP_STATE_DIR", "SNAP_PASSWORD_FILE",
      "SNAP_RECOVERY_KEY_FILE",
    ] {
      _ = try text(name)
    }
    if let bytes = passwordVariable, bytes.isEmpty {
      throw nonsense("SNAP_PASSWORD", "it is set, but empty")
    }
    if let command = try text("SNAP_PASSWORD_COMMAND"),
      ShellWords.split(command)?.isEmpty ?? true
    {
      throw nonsense("SNAP_PASSWORD_COMMAND", "it is no command, or a quote is not closed")
    }
    _ = try descriptor("SNAP_PASSWORD_FD")
    _ = try flag("SNAP_NO_INPUT")
    _ = try choice("SNAP_PROGRESS", of: Environment.progressStyles)
  }

  private func nonsense(_ name: String, _ why: String) -> Failure {
    .usage(
      "the environment variable \(name) makes no sense", facts: [("meaning", why)],
      tries: [("unset \(name)", "or give it a value"), ("snap help", nil)])
  }
}
