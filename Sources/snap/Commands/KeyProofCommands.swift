// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnapFormat
import SnapRepository

/// `snap key recovery`
struct KeyRecoveryCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "recovery", abstract: "Show or save the recovery key.")

  @Option(help: ArgumentHelp("Save it in this file (0600).", valueName: "file"))
  var out: String?

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("key recovery")
    let opened = try await RepositoryOpener(context: context, command: "snap key recovery").open()
    guard let master = opened.repository.ring.newestMaster else {
      throw Failure.denied(
        "these keys hold no recovery key", fact: "only the full role has it",
        tries: [("snap key list", "see the roles")])
    }
    let key = RecoveryKey(
      master: master, repositoryID: opened.repository.configuration.repositoryID)
    let text = try key.text()
    var more = JSONLine()
    if let out {
      let path = PathText.absolute(
        out, from: context.environment.currentDirectory, home: context.environment.home)
      try RecoveryKeyFile.save(text + "\n", to: path)
      try context.output.emit(line: "Saved in \(path).", json: nil)
      more.add("file", path)
    } else {
      try context.output.emit(line: text, json: nil)
      more.add("recovery_key", text)
    }
    try context.output.result(exit: ExitCode.done, more)
    return ExitCode.done
  }
}

/// `snap key test`
struct KeyTestCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Prove that a password or recovery key opens the repository.",
    discussion: "What this computer remembers is not used.")

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("key test")
    let opener = RepositoryOpener(context: context, command: "snap key test")
    let (backend, choice) = try await opener.locate()
    let sources = try PasswordSources(
      context.passwordOptions, environment: context.environment,
      noInput: context.options.noInput)
    var secret = try await sources.given()
    if secret == nil { secret = try sources.prompted(choice.label).map(Secret.password) }
    guard let secret else {
      throw Failure.needPassword(choice.label, command: "snap key test")
    }
    let repository = try await opener.open(backend, choice, secret)
    let role = repository.ring.role.rawValue
    try context.output.emit(
      line: "It opens \"\(choice.label)\" (role \(role)).", json: nil)
    var more = JSONLine()
    more.add("role", role)
    try context.output.result(exit: ExitCode.done, more)
    return ExitCode.done
  }
}
