// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnapFormat
import SnapRepository

/// `snap key add`
struct KeyAddCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a password.")

  @Option(help: ArgumentHelp("A name for it.", valueName: "text"))
  var label = ""

  @Option(help: ArgumentHelp("What it may do: full, metadata, write.", valueName: "role"))
  var role = "full"

  @Option(help: ArgumentHelp("File whose only line is the new password.", valueName: "file"))
  var newPasswordFile: String?

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("key add")
    guard let role = Role(rawValue: role) else {
      throw Failure.usage(
        "a role is full, metadata or write", tries: [("snap key add --role metadata", nil)])
    }
    let opened = try await RepositoryOpener(context: context, command: "snap key add").open()
    let password = try await KeyWork.newPassword(
      newPasswordFile, context, command: "snap key add")
    let slot = try KeySlot(
      wrapping: opened.repository.ring.reduced(to: role), kdf: .standard,
      secret: .password(password), label: label)
    let name = try await opened.repository.addSlot(
      slot, audit: KeyWork.audit("added a key of role \(role.rawValue)", context))
    try context.output.emit(line: "Added \(name.dropFirst(5)).", json: nil)
    var more = JSONLine()
    more.add("id", String(name.dropFirst(5)))
    try context.output.result(exit: ExitCode.done, more)
    return ExitCode.done
  }
}

/// `snap key rm`
struct KeyRemoveCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove a password.",
    discussion: "The recovery key still opens the repository.")

  @Argument(help: ArgumentHelp("Its id or label, as `snap key list` shows.", valueName: "key"))
  var key: String

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("key rm")
    let opened = try await RepositoryOpener(context: context, command: "snap key rm").open()
    let (slots, _) = try await opened.repository.store.slots()
    let stored = try KeyWork.slot(key, in: slots)
    if slots.count == 1, !context.options.yes {
      guard try !context.noInput() else {
        throw Failure.needAnswer(
          "this is the last password; do you have the recovery key?",
          options: [("snap key rm \(key) --yes", "yes, remove it")])
      }
      let answer = try context.environment.ask(
        "This is the last password. Do you have the recovery key? [y/N] ", false)
      guard Answers.isYes(answer, byDefault: false) else {
        throw Failure.needAnswer("the recovery key", options: [("snap key recovery", "shows it")])
      }
    }
    try await opened.repository.removeSlot(
      stored.name, audit: KeyWork.audit("removed a key", context))
    try context.output.emit(
      line: "Removed \(stored.name.dropFirst(5)). Copies of it may still exist at the provider.",
      json: nil)
    try context.output.result(exit: ExitCode.done)
    return ExitCode.done
  }
}

/// `snap key passwd`
struct KeyPasswordCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "passwd", abstract: "Change a password.",
    discussion: "Wraps the keys anew; stored data is not encrypted again.")

  @Argument(help: ArgumentHelp("Its id or label; needed when there are several.", valueName: "key"))
  var key: String?

  @Option(help: ArgumentHelp("File whose only line is the new password.", valueName: "file"))
  var newPasswordFile: String?

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("key passwd")
    let opened = try await RepositoryOpener(context: context, command: "snap key passwd").open()
    let repository = opened.repository
    let (slots, _) = try await repository.store.slots()
    let old: StoredSlot
    if let key {
      old = try KeyWork.slot(key, in: slots)
    } else if slots.count == 1, let only = slots.first {
      old = only
    } else {
      throw Failure.usage(
        slots.isEmpty ? "there is no password to change" : "there are several passwords",
        tries: slots.isEmpty
          ? [("snap key add", "adds one")] : [("snap key list", "then: snap key passwd ID")])
    }
    let password = try await KeyWork.newPassword(
      newPasswordFile, context, command: "snap key passwd")
    let slot = try KeySlot(
      wrapping: repository.ring.reduced(to: old.slot.role), kdf: .standard,
      secret: .password(password), label: old.slot.label)
    // The new one first: a kill between leaves both.
    let name = try await repository.addSlot(
      slot, audit: KeyWork.audit("changed a password", context))
    try await repository.removeSlot(old.name, audit: KeyWork.audit("removed a key", context))
    try context.output.emit(
      line: "Changed: \(name.dropFirst(5)). Copies of the old one may still exist at the provider.",
      json: nil)
    try context.output.result(exit: ExitCode.done)
    return ExitCode.done
  }
}
