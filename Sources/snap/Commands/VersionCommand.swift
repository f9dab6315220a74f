// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `snap version`
struct VersionCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("version")
    try context.output.emit(line: "snap \(Program.version), repository format 1", json: nil)
    var more = JSONLine()
    more.add("version", Program.version)
    more.add("format", 1)
    try context.output.result(exit: ExitCode.done, more)
    return ExitCode.done
  }
}
