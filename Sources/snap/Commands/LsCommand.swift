// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnapFormat
import SnapOperations
import SnapRepository

/// `snap ls`
struct LsCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List what a snapshot holds.")

  @Argument(help: ArgumentHelp("For instance latest:Photos/2023", valueName: "snapshot[:path]"))
  var snapshot: String

  @Flag(name: .customShort("l"), help: "Mode, owner, size, time.")
  var long = false

  @Flag(name: [.customShort("R"), .long], help: "Everything below.")
  var recursive = false

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("ls")
    let opened = try await RepositoryOpener(context: context, command: "snap ls").open()
    let found = try await SnapshotArgument(context: context, text: snapshot)
      .find(in: opened.repository)
    let names = EntryNames(found.snapshot.snapshot)
    if found.path.isEmpty {
      // The backed-up folders, not the way to them.
      for root in RestorePlan(roots: found.snapshot.snapshot.paths, path: []).parts {
        if let (_, entry) = try await found.listing.find([root.source]), let entry {
          try show(entry, names, context)
        }
        if recursive || root.source.isEmpty {
          try await list(found, below: root.source, names, context)
        }
      }
    } else {
      try await list(found, below: found.path, names, context)
    }
    for error in found.listing.reader.damage { context.output.note("damaged: \(error)") }
    try context.output.result(exit: ExitCode.done)
    return ExitCode.done
  }

  private func list(
    _ found: SnapshotArgument.Found, below path: [UInt8], _ names: EntryNames,
    _ context: CommandContext
  ) async throws {
    try await found.listing.entries(of: path, recursive: recursive) { entry in
      try show(entry, names, context)
    }
  }

  private func show(_ entry: Entry, _ names: EntryNames, _ context: CommandContext) throws {
    let output = context.output
    try output.emit(
      bytes: long
        ? names.long(entry, name: output.name, offset: context.environment.utcOffset)
        : output.name(entry.path),
      json: names.json(entry))
  }
}
