// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CLinux
import Glibc

/// A command of snap: settings in, one operation, a rendered report out.
protocol SnapCommand: AsyncParsableCommand {
  /// The options that every command takes.
  var global: GlobalOptions { get }
  /// Does it; gives the exit code.
  func run(in context: CommandContext) async throws -> Int32
}

/// From arguments to an exit code.
enum Program {
  /// The version that is printed and stored in snapshots.
  static let version = "0.1.0"

  /// Runs one command line.
  nonisolated static func run(_ arguments: [String]) async -> Int32 {
    prepareProcess()
    let environment = Environment.live
    let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
    let output = Output(environment, json: isJSON)
    let command: any SnapCommand
    do {
      var parsed = try Snap.parseAsRoot(expanded(arguments))
      guard let known = parsed as? any SnapCommand else {
        // Help, or a group without its command: the parser's own commands answer by throwing.
        try parsed.run()
        return ExitCode.done
      }
      command = known
    } catch { return refuse(error, arguments, output) }
    do {
      let context = try CommandContext(environment, command.global)
      StopSignals.install(context.output)
      return try await command.run(in: context)
    } catch {
      let failure = FailureMapper(environment).failure(error)
      output.fail(failure)
      return failure.exit
    }
  }

  /// `--help` shows every option; `-h` the usual ones.
  private static func expanded(_ arguments: [String]) -> [String] {
    guard let index = arguments.firstIndex(where: { $0 == "--help" || $0 == "--" }),
      arguments[index] == "--help"
    else { return arguments }
    var changed = arguments
    changed[index] = "--help-hidden"
    return changed
  }

  /// Help and version are answers; everything else is wrong use.
  private static func refuse(_ error: any Error, _ arguments: [String], _ output: Output) -> Int32 {
    let text = Snap.fullMessage(for: error)
    if Snap.exitCode(for: error) == .success {
      try? output.emit(line: text, json: nil)
      return ExitCode.done
    }
    let message = Snap.message(for: error)
    let words = arguments.prefix { !$0.hasPrefix("-") }.first ?? ""
    let known = Snap.configuration.subcommands.compactMap { $0.configuration.commandName }
    var failure: Failure
    if let taught = Taught.verbs[words] {
      failure = .usage("in snap this is `snap \(taught)`", tries: [("snap \(taught) -h", nil)])
    } else if !words.isEmpty, !known.contains(words), words != "help" {
      let near = NearestText.nearest(to: words, in: known)
      failure = .usage(
        "there is no command `\(words)`",
        tries: near.map { ("snap \($0) -h", "the nearest") } + [("snap -h", nil)])
    } else {
      let title = message.split(separator: "\n").first.map(String.init) ?? message
      failure = .usage(title, tries: [("snap \(words) -h".replacing("  ", with: " "), nil)])
    }
    failure.safe = nil
    output.fail(failure)
    return ExitCode.usage
  }

  /// Descriptors for large trees, no core dumps with keys in them, memory that is kept for reuse.
  private static func prepareProcess() {
    var limit = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      limit.rlim_cur = min(limit.rlim_max, 1 << 16)
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    snap_process_prepare()
  }
}

/// Words of other programs, understood once and taught.
enum Taught {
  static let verbs = [
    "create": "backup", "save": "backup", "extract": "restore", "list": "snapshots",
    "check": "verify", "dump": "cat", "mount": "ls",
  ]
}
