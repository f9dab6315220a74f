// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapRepository
import SnapStorage

/// An opened repository and what it is called.
struct OpenedRepository: Sendable {
  let repository: Repository
  let choice: RepositoryChoice
  let backend: LocalBackend
  var label: String { choice.label }
}

/// Finds the repository that a command names, and opens it with what there is.
struct RepositoryOpener: Sendable {
  let context: CommandContext
  /// The command line to try again, for messages.
  let command: String

  /// - Throws: `Failure` with the documented exit codes.
  func open() async throws -> OpenedRepository {
    let (backend, choice) = try await locate()
    return try await open(backend, choice)
  }

  /// Finds the repository without opening it.
  func locate() async throws -> (LocalBackend, RepositoryChoice) {
    let choice = try context.choice()
    let path = try context.localPath(choice)
    let backend: LocalBackend
    do {
      backend = try LocalBackend(path: path, create: false)
      try await ObjectStore(backend).requireSomething()
    } catch { throw missing(error, choice) }
    return (backend, choice)
  }

  private func missing(_ error: any Error, _ choice: RepositoryChoice) -> any Error {
    if let error = error as? BackendError, error.code == .notFound {
      return Failure.repoMissing(choice.address.text, found: "no such folder")
    }
    if let error = error as? RepositoryError, error.code == .missing {
      return Failure.repoMissing(choice.address.text, found: error.detail)
    }
    return error
  }

  /// Opens what is there.
  func open(_ backend: LocalBackend, _ choice: RepositoryChoice) async throws -> OpenedRepository {
    let sources = try PasswordSources(
      context.passwordOptions, environment: context.environment,
      noInput: context.options.noInput)
    let remembered = RememberedKeys(context.places)
    let given = try await sources.given()
    if given == nil,
      let id = try remembered.repositoryID(forAddress: choice.address.text),
      let bytes = try remembered.ring(repositoryID: id)
    {
      let repository = try await open(
        backend, choice, .ring(try KeyRing(decoding: bytes)), what: "remembered key")
      let found = repository.configuration.repositoryID
      if found == id || found.isEmpty {
        return OpenedRepository(repository: repository, choice: choice, backend: backend)
      }
    }
    if let given {
      let repository = try await open(backend, choice, unlock(given, choice), what: what(given))
      return OpenedRepository(repository: repository, choice: choice, backend: backend)
    }
    return try await ask(sources, backend, choice)
  }

  /// Three tries on a terminal; then the key may be remembered.
  private func ask(
    _ sources: PasswordSources, _ backend: LocalBackend, _ choice: RepositoryChoice
  ) async throws -> OpenedRepository {
    for attempt in 1... {
      guard let password = try sources.prompted(choice.label) else { break }
      do {
        let repository = try await open(backend, choice, .password(password), what: "password")
        try offerToRemember(repository, choice)
        return OpenedRepository(repository: repository, choice: choice, backend: backend)
      } catch let failure as Failure where failure.slug == "key.wrong" && attempt < 3 {
        context.output.note("That password does not open it. Try again.")
      }
    }
    throw Failure.needPassword(choice.label, command: command)
  }

  private func offerToRemember(_ repository: Repository, _ choice: RepositoryChoice) throws {
    let answer = try context.environment.ask(
      "Remember it on this computer so that backups can run by themselves? [Y/n] ", false)
    guard Answers.isYes(answer, byDefault: true) else { return }
    try remember(repository.ring, repository.configuration.repositoryID, choice)
  }

  /// Keeps the ring, wrapped by this computer's device key.
  func remember(_ ring: KeyRing, _ repositoryID: [UInt8], _ choice: RepositoryChoice) throws {
    try RememberedKeys(context.places).put(
      repositoryID: repositoryID, label: choice.label, ring: ring.encoded(),
      address: choice.address.text)
  }

  /// Opens with this very secret, whatever is remembered.
  func open(
    _ backend: LocalBackend, _ choice: RepositoryChoice, _ secret: Secret
  ) async throws -> Repository {
    try await open(backend, choice, unlock(secret, choice), what: what(secret))
  }

  private func what(_ secret: Secret) -> String {
    if case .recoveryKey = secret { return "recovery key" }
    return "password"
  }

  /// What a given secret is for the repository.
  func unlock(_ secret: Secret, _ choice: RepositoryChoice) throws -> Unlock {
    switch secret {
    case .password(let bytes): return .password(bytes)
    case .recoveryKey(let text, let file):
      do throws(FormatError) { return .recoveryKey(try RecoveryKey(parsing: text)) } catch {
        throw Failure(
          slug: "key.wrong", exit: ExitCode.wrongKey, title: "that is not a recovery key",
          facts: [("file", file), ("meaning", error.detail)], safe: "nothing was changed",
          tries: [("snap key test --recovery-key-file FILE", "after correcting it")])
      }
    }
  }

  private func open(
    _ backend: LocalBackend, _ choice: RepositoryChoice, _ unlock: Unlock, what: String
  ) async throws -> Repository {
    if case .recoveryKey(let key) = unlock, let id = await ObjectStore(backend).markerID(),
      !key.belongs(to: id)
    {
      throw Failure.keyWrong(choice.label, what: "recovery key of another repository")
    }
    let context = context
    do {
      return try await Repository.open(backend, unlock: unlock) { id in
        try context.localPlaces(id)
      }
    } catch let error as RepositoryError where error.code == .wrongKey {
      let labels = (try? await ObjectStore(backend).slots().slots.map(\.slot.label)) ?? []
      throw Failure.keyWrong(
        choice.label, what: what, slots: labels.map { $0.isEmpty ? "unnamed" : $0 })
    }
  }
}
