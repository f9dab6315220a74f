// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The options that say where a password comes from.
struct PasswordOptions: Equatable, Sendable {
  /// `--password-file`
  var file: String?
  /// `--password-command`
  var command: String?
  /// `--password-fd`
  var descriptor: Int32?
  /// `--recovery-key-file`
  var recoveryKeyFile: String?
}

/// Where a password or recovery key comes from.
enum PasswordSource: Equatable, Sendable {
  /// The only line of a file.
  case file(String)
  /// What a command prints, as its words.
  case command([String])
  /// What an open descriptor yields.
  case descriptor(Int32)
  /// `SNAP_PASSWORD`
  case variable([UInt8])
  /// A file that holds the recovery key.
  case recoveryKeyFile(String)
}

/// What a source yielded.
enum Secret: Equatable, Sendable {
  /// A password, normalised.
  case password([UInt8])
  /// The text of a recovery key, not yet checked, and the file it came from.
  case recoveryKey(text: String, file: String)
}

/// Finds the password: options, then environment, then (after the remembered key) the prompt.
struct PasswordSources: Sendable {
  /// No password is longer; the same for what a file or command yields.
  static let limit = 4096

  /// The first source that was named, if any.
  let source: PasswordSource?
  private let environment: Environment
  private let mayAsk: Bool

  /// Looks which sources are named. Fails on two options at once and on nonsense in a variable.
  init(
    _ options: PasswordOptions, environment: Environment, noInput: Bool = false
  ) throws(Failure) {
    self.environment = environment
    let forbidden = try environment.noInput()
    mayAsk = !noInput && !forbidden
    var found = try PasswordSources.named(options, environment)
    if found == nil { found = try PasswordSources.named(environment) }
    source = found
  }

  /// Whether a person can be asked.
  var canAsk: Bool { mayAsk }

  /// What the named source yields; nil if none was named. A descriptor can be read only once.
  func given() async throws(Failure) -> Secret? {
    switch source {
    case nil: return nil
    case .file(let path):
      guard let bytes = try PrivateFile.read(path) else { throw .reading(path, ENOENT) }
      return .password(try cleaned(bytes, "the password file", path))
    case .command(let words):
      let bytes = try await PasswordCommand.run(words)
      return .password(try cleaned(bytes, "the password command", words.first ?? ""))
    case .descriptor(let number):
      let name = "descriptor \(number)"
      let bytes = try PrivateFile.readAll(number, name, limit: PasswordSources.limit + 2)
      return .password(try cleaned(bytes, "the descriptor", name))
    case .variable(let bytes):
      return .password(try cleaned(bytes, "the variable", "SNAP_PASSWORD", isLine: false))
    case .recoveryKeyFile(let path):
      return .recoveryKey(text: try RecoveryKeyFile.read(path), file: path)
    }
  }

  /// Asks on the terminal; nil if nobody can be asked or nothing was answered.
  func prompted(_ label: String) throws(Failure) -> [UInt8]? {
    guard mayAsk else { return nil }
    guard let typed = try environment.ask("Password of \"\(label)\": ", true) else { return nil }
    guard !typed.isEmpty else { return nil }
    return PasswordText.normalised(typed)
  }

  /// The password of the named source, else of the prompt; nil if there is neither, or if the
  /// named source is a recovery key.
  func password(_ label: String) async throws(Failure) -> [UInt8]? {
    switch try await given() {
    case .password(let bytes): return bytes
    case .recoveryKey: return nil
    case nil: return try prompted(label)
    }
  }

  private static func named(
    _ options: PasswordOptions, _ environment: Environment
  ) throws(Failure) -> PasswordSource? {
    var found: [(String, PasswordSource)] = []
    if let path = options.file {
      found.append(("--password-file", .file(absolute(path, environment))))
    }
    if let command = options.command {
      guard let words = ShellWords.split(command), !words.isEmpty else {
        throw .usage(
          "--password-command is no command",
          facts: [("meaning", "it is empty, or a quote is not closed")])
      }
      found.append(("--password-command", .command(words)))
    }
    if let number = options.descriptor {
      guard number >= 0 else {
        throw .usage("--password-fd is the number of an open file descriptor")
      }
      found.append(("--password-fd", .descriptor(number)))
    }
    if let path = options.recoveryKeyFile {
      found.append(("--recovery-key-file", .recoveryKeyFile(absolute(path, environment))))
    }
    guard found.count < 2 else {
      throw .usage(
        "only one source of the password can be given",
        facts: [("given", found.map(\.0).joined(separator: ", "))])
    }
    return found.first?.1
  }

  private static func named(_ environment: Environment) throws(Failure) -> PasswordSource? {
    try environment.checkVariables()
    if let path = try environment.text("SNAP_PASSWORD_FILE") {
      return .file(absolute(path, environment))
    }
    if let command = try environment.text("SNAP_PASSWORD_COMMAND"),
      let words = ShellWords.split(command)
    {
      return .command(words)
    }
    if let number = try environment.descriptor("SNAP_PASSWORD_FD") { return .descriptor(number) }
    if let bytes = environment.passwordVariable { return .variable(bytes) }
    if let path = try environment.text("SNAP_RECOVERY_KEY_FILE") {
      return .recoveryKeyFile(absolute(path, environment))
    }
    return nil
  }

  private static func absolute(_ path: String, _ environment: Environment) -> String {
    PathText.absolute(path, from: environment.currentDirectory, home: environment.home)
  }

  private func cleaned(
    _ bytes: [UInt8], _ what: String, _ name: String, isLine: Bool = true
  ) throws(Failure) -> [UInt8] {
    let line = isLine ? PasswordText.withoutLineEnding(bytes) : bytes
    guard !line.isEmpty else {
      throw .usage(
        "\(what) holds no password", facts: [("source", name), ("meaning", "it is empty")],
        safe: "nothing was changed")
    }
    guard line.count <= PasswordSources.limit else {
      throw .usage(
        "\(what) holds too much for a password",
        facts: [("source", name), ("limit", "\(PasswordSources.limit) bytes")],
        safe: "nothing was changed")
    }
    return PasswordText.normalised(line)
  }
}
