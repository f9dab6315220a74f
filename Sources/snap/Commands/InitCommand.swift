// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnapFormat
import SnapRepository
import SnapStorage

/// `snap init`
struct InitCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a repository and remember it.",
    discussion: """
      snap init /mnt/disk/backup
      Without an address: a folder below your data directory.
      """)

  @Argument(help: ArgumentHelp("Where: a folder.", valueName: "address"))
  var address: String?

  @Option(help: ArgumentHelp("Its name in the configuration.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("Save the recovery key in this file (0600).", valueName: "file"))
  var recoveryOut: String?

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("init")
    let choice = try chosen(context)
    let path = try context.localPath(choice)
    try await refuseExisting(path, choice)
    let maker = RepositoryMaker(context: context, choice: choice, recoveryOut: recoveryOut)
    let password = try await password(context, choice)
    let opened = try await maker.make(password: password)
    let remote = try remember(choice, context)
    try report(opened, remote, path, context)
    return ExitCode.done
  }

  private func chosen(_ context: CommandContext) throws -> RepositoryChoice {
    guard let address else { return try context.choice() }
    if context.options.repo != nil {
      throw Failure.usage("--repo and an address both say where")
    }
    if let remote = context.configuration.remotes[address],
      let found = try RepositoryAddress(remote, environment: context.environment)
    {
      return .named(address: found, name: address, source: .option)
    }
    let named = address.contains("/") || address.contains(":") ? address : "./" + address
    guard let found = try RepositoryAddress(named, environment: context.environment) else {
      throw Failure.usage("\(address) is no address")
    }
    return .named(address: found, name: name, source: .option)
  }

  private func refuseExisting(_ path: String, _ choice: RepositoryChoice) async throws {
    do {
      let backend = try LocalBackend(path: path, create: false)
      let names = try await backend.list("").map(\.name.text)
      guard names.contains(where: { $0.hasPrefix("conf/") || $0 == Marker.name }) else { return }
      // One without its marker may be what an init that died left: the maker looks.
      if !names.contains(Marker.name), names.count <= 4 { return }
      throw Failure.repoExists(choice.address.text, created: nil)
    } catch let error as BackendError where error.code == .notFound { return }
  }

  private func password(
    _ context: CommandContext, _ choice: RepositoryChoice
  ) async throws -> [UInt8]? {
    let sources = try PasswordSources(
      context.passwordOptions, environment: context.environment,
      noInput: context.options.noInput)
    switch try await sources.given() {
    case .password(let bytes)?:
      try NewPassword.check(bytes)
      return bytes
    case .recoveryKey?:
      throw Failure.usage("a new repository gets a new recovery key")
    case nil:
      guard sources.canAsk else {
        throw Failure.needPassword(
          choice.label, command: "snap init \(ShellWords.quote(choice.address.text))")
      }
      return try NewPassword(context.environment, output: context.output).ask(
        options: [("snap init --password-file FILE", nil)])
    }
  }

  private func remember(_ choice: RepositoryChoice, _ context: CommandContext) throws -> String? {
    guard case .named(let address, let known, _) = choice else { return nil }
    if let known, context.configuration.remotes[known] == address.text { return known }
    let remote =
      name ?? known
      ?? RemoteName.suggested(
        for: address.text, taken: Set(context.configuration.remotes.keys))
    let edited = try context.configuration.adding(
      remote: remote, url: address.text, makeDefault: true)
    try edited.write()
    return remote
  }

  private func report(
    _ opened: OpenedRepository, _ remote: String?, _ path: String, _ context: CommandContext
  ) throws {
    let id = Hex.encode(opened.repository.configuration.repositoryID)
    try context.output.emit(
      line: "Repository \"\(remote ?? "default")\" is ready.        Next:  snap backup ~/Photos",
      json: nil)
    let isUnattended = try context.options.yes || context.noInput()
    if recoveryOut == nil, isUnattended {
      context.output.note("Its recovery key was not shown: `snap key recovery` shows it.")
    }
    var more = JSONLine()
    more.add("repository", id)
    more.add("name", remote)
    more.add("address", opened.choice.address.text)
    try context.output.result(exit: ExitCode.done, more)
  }
}
