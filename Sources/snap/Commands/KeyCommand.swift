// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnapFormat
import SnapRepository

/// `snap key`
struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Passwords and the recovery key.",
    subcommands: [
      KeyListCommand.self, KeyAddCommand.self, KeyRemoveCommand.self, KeyPasswordCommand.self,
      KeyRecoveryCommand.self, KeyTestCommand.self,
    ])
}

/// What the key commands share.
enum KeyWork {
  /// The record of a change.
  static func audit(_ text: String, _ context: CommandContext) -> AuditRecord {
    AuditRecord(
      action: .keys, host: context.environment.hostName, user: context.environment.userName,
      time: UInt64(max(0, context.environment.now().seconds)), text: text)
  }

  /// A new password: from a file of its own, or the dialogue.
  static func newPassword(
    _ file: String?, _ context: CommandContext, command: String
  ) async throws -> [UInt8] {
    if let file {
      let options = PasswordOptions(
        file: file, command: nil, descriptor: nil, recoveryKeyFile: nil)
      let sources = try PasswordSources(options, environment: context.environment, noInput: true)
      guard case .password(let bytes)? = try await sources.given() else {
        throw Failure.usage("\(file) holds no password")
      }
      try NewPassword.check(bytes)
      return bytes
    }
    if try context.noInput() {
      throw Failure.needAnswer(
        "the new password",
        options: [("\(command) --new-password-file FILE", "its only line is the new password")])
    }
    return try NewPassword(context.environment, output: context.output).ask(
      options: [("\(command) --new-password-file FILE", nil)])
  }

  /// The one slot that a person means: by its name's beginning or its label.
  static func slot(_ text: String, in slots: [StoredSlot]) throws -> StoredSlot {
    let found = slots.filter {
      $0.name.dropFirst(5).hasPrefix(text.lowercased()) || (!text.isEmpty && $0.slot.label == text)
    }
    guard found.count == 1, let one = found.first, !text.isEmpty else {
      throw Failure(
        slug: "key.unknown", exit: ExitCode.usage,
        title: found.isEmpty ? "no key is called `\(text)`" : "several keys fit `\(text)`",
        safe: "nothing was changed", tries: [("snap key list", "list them")])
    }
    return one
  }
}

/// `snap key list`
struct KeyListCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the passwords that open the repository.")

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("key list")
    let opened = try await RepositoryOpener(context: context, command: "snap key list").open()
    let (slots, damaged) = try await opened.repository.store.slots()
    var table = Table([("ID", .left), ("role", .left), ("kind", .left), ("label", .left)])
    for stored in slots {
      let id = String(stored.name.dropFirst(5))
      let kind = Self.kind(stored.slot.kdf)
      table.add([id, stored.slot.role.rawValue, kind, EscapedText.printable(stored.slot.label)])
      var line = JSONLine(type: "key")
      line.add("id", id)
      line.add("role", stored.slot.role.rawValue)
      line.add("kind", kind)
      line.add("label", stored.slot.label)
      try context.output.emit(line: nil, json: line)
    }
    if slots.isEmpty {
      try context.output.emit(
        line: "No password: the recovery key opens it, and computers that remember the key.",
        json: nil)
    } else {
      for line in table.lines() { try context.output.emit(line: line, json: nil) }
    }
    for error in damaged { context.output.note("damaged: \(error)") }
    try context.output.result(exit: ExitCode.done)
    return ExitCode.done
  }

  private static func kind(_ kdf: KeySlot.KDF) -> String {
    switch kdf {
    case .argon2id, .scrypt: "password"
    case .keyFile: "key file"
    case .keyFileAndPassword: "password and key file"
    case .master: "recovery key"
    }
  }
}
