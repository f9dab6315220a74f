// SPDX-License-Identifier: Apache-2.0

/// The failures of using the program: options, configuration, keys, answers.
extension Failure {
  /// Wrong use: an option, an argument, an environment variable.
  static func usage(
    _ title: String, facts: [(String, String)] = [], safe: String? = nil,
    tries: [(String, String?)] = [("snap help", nil)]
  ) -> Failure {
    Failure(
      slug: "usage", exit: ExitCode.usage, title: title, facts: facts, safe: safe, tries: tries)
  }

  /// The configuration file says something that is not understood.
  static func configuration(_ path: String, line: Int?, _ why: String) -> Failure {
    let place = PathText.last(path) + (line.map { " line \($0)" } ?? "")
    let edit = line.map { "+\($0) " } ?? ""
    return Failure(
      slug: "config", exit: ExitCode.usage, title: "\(place) makes no sense",
      facts: [("file", path), ("meaning", why)], safe: "nothing was changed",
      tries: [("${EDITOR:-vi} \(edit)\(ShellWords.quote(path))", "correct it")])
  }

  /// The configuration file holds a key that is not known.
  static func unknownKey(_ path: String, line: Int?, key: String, valid: [String]) -> Failure {
    var failure = configuration(path, line: line, "")
    let place = PathText.last(path) + (line.map { " line \($0)" } ?? "")
    failure.title = "\(place): unknown key `\(key)`"
    let near = NearestText.nearest(to: key, in: valid).first
    failure.facts = [
      Fact(label: "file", text: path),
      Fact(
        label: "meaning",
        text: near.map { "the nearest valid key is `\($0)`" }
          ?? "valid here: " + valid.joined(separator: ", ")),
    ]
    return failure
  }

  /// A question would have to be asked, but may not. `options` answer it.
  static func needAnswer(_ question: String, options: [(String, String?)]) -> Failure {
    Failure(
      slug: "need.answer", exit: ExitCode.needAnswer, title: "would have to ask, but may not",
      facts: [("question", question)], safe: "nothing was changed", tries: options)
  }

  /// No password came from anywhere. `command` is the command line to try again.
  static func needPassword(_ label: String, command: String) -> Failure {
    needAnswer(
      "the password of \"\(label)\"",
      options: [
        (command + " --password-file FILE", "the password is the file's only line"),
        ("export SNAP_PASSWORD_COMMAND='pass show backup'", "or a command that prints it"),
        (command + " --recovery-key-file FILE", "or the recovery key"),
      ])
  }

  /// The password or key does not open the repository. `slots` are the labels of its passwords.
  static func keyWrong(
    _ label: String, what: String = "password", slots: [String] = []
  ) -> Failure {
    var facts: [(String, String)] = []
    if !slots.isEmpty {
      facts.append(("keys", "\(slots.count): " + slots.joined(separator: ", ")))
    }
    return Failure(
      slug: "key.wrong", exit: ExitCode.wrongKey,
      title: "that \(what) does not open \"\(label)\"", facts: facts,
      safe: "nothing was changed; your backups are as they were",
      tries: [
        ("snap key test", "try again"),
        ("snap key test --recovery-key-file FILE", "with the recovery key"),
      ])
  }

  /// A bug: something happened that the code holds impossible.
  static func `internal`(_ code: String) -> Failure {
    Failure(
      slug: "internal", exit: ExitCode.internal, title: "a fault in snap itself",
      facts: [("code", code)], safe: "what was saved before is not affected",
      tries: [("snap version", "name it when you report this")])
  }

  /// The process was told to stop by a signal. `kept` says what stays.
  static func stopped(signal: Int32, kept: String? = nil) -> Failure {
    Failure(
      slug: "stopped", exit: ExitCode.signal(signal), title: "stopped by a signal",
      facts: [("signal", "\(signal)")], safe: kept,
      tries: [("snap snapshots", "see what there is; run the same command to continue")])
  }
}
