// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc

/// `snap`: keeps photos and files safe.
@main
struct Snap: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snap",
    abstract: "Keeps your photos and files safe: encrypted, deduplicated backups.",
    discussion: """
      First backup:  snap backup ~/Photos
      Get it back:   snap restore latest --to DIR
      """,
    version: Program.version,
    subcommands: [
      InitCommand.self, BackupCommand.self, RestoreCommand.self, SnapshotsCommand.self,
      LsCommand.self, CatCommand.self, VerifyCommand.self, KeyCommand.self,
      VersionCommand.self, CompletionCommand.self,
    ])

  @OptionGroup var global: GlobalOptions

  static func main() async {
    // Leaves the main actor once, here: hops back to it would cost microseconds each.
    Glibc.exit(await Program.run(Array(CommandLine.arguments.dropFirst())))
  }
}
