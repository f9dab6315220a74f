// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `snap completion`
struct CompletionCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Print the completions for a shell.",
    discussion: "snap completion bash > ~/.local/share/bash-completion/completions/snap")

  @Argument(help: ArgumentHelp("bash, zsh or fish", valueName: "shell"))
  var shell: String

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    let shells: [String: CompletionShell] = ["bash": .bash, "zsh": .zsh, "fish": .fish]
    guard let kind = shells[shell] else {
      throw Failure.usage(
        "no completions for `\(shell)`", facts: [("known", "bash, zsh, fish")],
        tries: [("snap completion bash", nil)])
    }
    try context.output.emitContent(Array(Snap.completionScript(for: kind).utf8))
    return ExitCode.done
  }
}
