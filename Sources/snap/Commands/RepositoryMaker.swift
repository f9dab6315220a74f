// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapRepository
import SnapStorage

/// Makes a repository: for `init`, and for the first backup when nothing is configured.
struct RepositoryMaker {
  let context: CommandContext
  let choice: RepositoryChoice
  /// Where the recovery key is saved; nil shows it on a terminal.
  var recoveryOut: String?

  /// Makes it; the key is shown or saved and the ring remembered before anything is stored.
  func make(password: [UInt8]?) async throws -> OpenedRepository {
    let path = try context.localPath(choice)
    let backend = try LocalBackend(path: path, create: true)
    let opener = RepositoryOpener(context: context, command: "snap init")
    if let leftover = try await finishLeftover(backend, opener) { return leftover }
    try await requireEmpty(backend)
    let created = UInt64(max(0, context.environment.now().seconds))
    let creation = try RepositoryCreation(created: created)
    let recovery = try creation.recoveryKey().text()
    var slots: [KeySlot] = []
    if let password {
      slots = [
        try KeySlot(
          wrapping: creation.ring, kdf: .standard, secret: .password(password), label: "")
      ]
    }
    try keep(recovery)
    try opener.remember(creation.ring, creation.configuration.repositoryID, choice)
    try await creation.create(on: backend, slots: slots)
    return try await opened(backend, creation.ring)
  }

  private func opened(_ backend: LocalBackend, _ ring: KeyRing) async throws -> OpenedRepository {
    let context = context
    let repository = try await Repository.open(backend, unlock: .ring(ring)) { id in
      try context.localPlaces(id)
    }
    return OpenedRepository(repository: repository, choice: choice, backend: backend)
  }

  private func requireEmpty(_ backend: LocalBackend) async throws {
    do throws(RepositoryError) {
      try await RepositoryCreation.requireEmpty(backend)
    } catch {
      guard error.code == .exists else { throw error }
      throw Failure.repoExists(choice.address.text, created: nil)
    }
  }

  /// What an `init` that died on this computer left: finished or cleared up.
  private func finishLeftover(
    _ backend: LocalBackend, _ opener: RepositoryOpener
  ) async throws -> OpenedRepository? {
    let remembered = RememberedKeys(context.places)
    guard let id = try remembered.repositoryID(forAddress: choice.address.text),
      let bytes = try remembered.ring(repositoryID: id)
    else { return nil }
    let names = try await backend.list("").map(\.name)
    guard !names.isEmpty, !names.contains(where: { $0.text == Marker.name }),
      names.allSatisfy({ $0.text.hasPrefix("keys/") || $0.text.hasPrefix("conf/") })
    else { return nil }
    if names.contains(where: { $0.text.hasPrefix("conf/") }) {
      let marker = try Marker.encoded(repositoryID: id)
      try await backend.write(ObjectBody(marker), to: ObjectName(Marker.name), .create)
      return try await opened(backend, try KeyRing(decoding: bytes))
    }
    for name in names { try await backend.remove(name) }
    return nil
  }

  /// Shows or saves the recovery key, before anything is stored.
  private func keep(_ recovery: String) throws {
    if let recoveryOut {
      let path = PathText.absolute(
        recoveryOut, from: context.environment.currentDirectory, home: context.environment.home)
      try RecoveryKeyFile.save(recovery + "\n", to: path)
      context.output.note("Recovery key saved in \(path). Keep a copy of it elsewhere.")
      return
    }
    guard !context.options.yes, try !context.noInput() else { return }
    try RecoveryDialogue(context).show(recovery)
  }
}

/// Shows the recovery key once and asks two groups of it back.
struct RecoveryDialogue {
  private let context: CommandContext

  init(_ context: CommandContext) { self.context = context }

  /// - Throws: `Failure` when the person gives up: nothing is stored then.
  func show(_ recovery: String) throws {
    let groups = recovery.split(separator: "-").map(String.init)
    guard groups.count == 8 else { throw Failure.internal("recovery key") }
    context.output.note(
      """

      Your recovery key (opens the backup if the password is lost):

          \(groups[0...3].joined(separator: "-"))
          \(groups[4...7].joined(separator: "-"))

      Without the password AND this key the backup is lost for ever. Nobody can reset it.
      Write it down, or keep it in a password manager.
      """)
    for _ in 0..<5 {
      let answer = try context.environment.ask(
        "To show that you have saved it, type the third and the sixth group: > ", false)
      guard let answer else { break }
      let typed = String(decoding: answer, as: UTF8.self).uppercased()
        .split(whereSeparator: { $0 == " " || $0 == "-" }).map(String.init)
      if typed == [groups[2], groups[5]] {
        context.output.note("  both match")
        return
      }
      context.output.note("  that does not match")
    }
    throw Failure.needAnswer(
      "two groups of the recovery key",
      options: [("snap init --recovery-out FILE", "saves it in a file instead")])
  }
}
