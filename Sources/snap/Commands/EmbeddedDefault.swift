// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapRepository
import SnapStorage

/// The repository that the first backup makes when nothing is configured.
struct EmbeddedDefault {
  let context: CommandContext

  /// Opens the chosen repository, or makes the embedded default.
  func openOrMake(command: String) async throws -> OpenedRepository {
    let opener = RepositoryOpener(context: context, command: command)
    let choice = try context.choice()
    guard case .embeddedDefault(let path) = choice else { return try await opener.open() }
    let lock = try lockUnlessComplete(path)
    // Let go at the end of this function, whichever way it ends.
    defer { withExtendedLifetime(lock) {} }
    do { return try await opener.open() } catch let failure as Failure
      where failure.slug == "repo.missing"
    {
      return try await make(choice, path)
    }
  }

  /// Of two first backups at once one makes the repository and the other waits, then uses it.
  ///
  /// - Returns: the locked file; nil when the repository has its marker, which comes last.
  private func lockUnlessComplete(_ repository: String) throws -> LockedFile? {
    guard try PrivateFile.read(repository + "/" + Marker.name) == nil,
      context.environment.variables["INVOCATION_ID"] == nil
    else { return nil }
    try PrivateFile.makeDirectory(context.places.data)
    return try LockedFile(context.places.data + "/setup.lock", wait: true)
  }

  private func make(_ choice: RepositoryChoice, _ path: String) async throws -> OpenedRepository {
    // A job must not invent a place for backups that nobody looks at.
    if context.environment.variables["INVOCATION_ID"] != nil {
      throw Failure.repoMissing(path, found: "nothing is configured")
    }
    try PrivateFile.makeDirectory(context.places.data)
    let sources = try PasswordSources(
      context.passwordOptions, environment: context.environment,
      noInput: context.options.noInput)
    var maker = RepositoryMaker(context: context, choice: choice)
    if case .password(let password)? = try await sources.given() {
      try NewPassword.check(password)
      maker.recoveryOut = freeKeyFile()
      return try await maker.make(password: password)
    }
    if sources.canAsk { return try await ask(&maker, path) }
    let file = freeKeyFile()
    maker.recoveryOut = file
    let opened = try await maker.make(password: nil)
    context.output.note("This is the only key besides this computer: a copy belongs elsewhere.")
    context.output.note("Add a password with:  snap key add")
    return opened
  }

  private func ask(
    _ maker: inout RepositoryMaker, _ path: String
  ) async throws -> OpenedRepository {
    context.output.note("No place for backups is set up yet.")
    context.output.note("It would be made in \(path), on this computer.")
    let answer = try context.environment.ask("Set it up now? [Y/n] ", false)
    guard Answers.isYes(answer, byDefault: true) else {
      throw Failure.repoMissing(path, found: "nothing is configured")
    }
    let password = try NewPassword(context.environment, output: context.output).ask(
      options: [("snap backup --password-file FILE DIR", nil)])
    return try await maker.make(password: password)
  }

  /// A recovery key of an earlier repository is never overwritten.
  private func freeKeyFile() -> String {
    let first = context.places.recoveryKeyFile
    var path = first
    var number = 2
    while (try? PrivateFile.read(path)) ?? nil != nil, number < 1000 {
      path = first.replacing(".txt", with: "-\(number).txt")
      number += 1
    }
    return path
  }
}
