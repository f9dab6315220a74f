// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnapFormat
import SnapOperations
import SnapRepository

/// `snap cat`
struct CatCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat", abstract: "Write one file of a snapshot to standard output.")

  @Argument(help: ArgumentHelp("For instance latest:Photos/a.jpg", valueName: "snapshot:path"))
  var snapshot: String

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.output.requireText("cat prints the file itself")
    let opened = try await RepositoryOpener(context: context, command: "snap cat").open()
    let found = try await SnapshotArgument(context: context, text: snapshot)
      .find(in: opened.repository)
    guard let entry = found.entry, entry.kind == .file else {
      throw Failure.usage(
        "cat needs the path of a regular file", facts: [("given", snapshot)],
        tries: [("snap ls \(ShellWords.quote(snapshot))", "see what is there")])
    }
    try await found.listing.content(of: entry) { bytes in
      try context.output.emitContent(bytes)
    }
    for error in found.listing.reader.damage { context.output.note("damaged: \(error)") }
    return ExitCode.done
  }
}
