// SPDX-License-Identifier: Apache-2.0

import Glibc
import Subprocess

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// Runs the command that prints the password, without a shell.
enum PasswordCommand {
  /// What it printed. It gets no standard input, its messages reach the person, and none of the
  /// variables that hold or lead to a password.
  static func run(_ words: [String]) async throws(Failure) -> [UInt8] {
    guard let program = words.first else { throw failed("", "it is empty") }
    let executable: Executable =
      program.contains("/") ? .path(FilePath(program)) : .name(program)
    let status: TerminationStatus
    let output: [UInt8]
    do {
      let result = try await Subprocess.run(
        executable, arguments: Arguments(Array(words.dropFirst())),
        environment: .inherit.updating([
          "SNAP_PASSWORD": nil, "SNAP_PASSWORD_FILE": nil, "SNAP_PASSWORD_COMMAND": nil,
          "SNAP_PASSWORD_FD": nil, "SNAP_RECOVERY_KEY_FILE": nil,
        ]),
        input: .none, output: .bytes(limit: PasswordSources.limit + 2),
        error: .currentStandardError)
      status = result.terminationStatus
      output = result.standardOutput
    } catch {
      // The library's words may hold types and paths; the fact is what a person needs.
      throw failed(program, "it could not be run, or printed too much")
    }
    switch status {
    case .exited(0): return output
    case .exited(let code): throw failed(program, "it ended with exit code \(code)")
    case .signaled(let number): throw failed(program, "it was ended by signal \(number)")
    }
  }

  private static func failed(_ program: String, _ why: String) -> Failure {
    .usage(
      "the password command failed", facts: [("command", program), ("meaning", why)],
      safe: "nothing was changed",
      tries: [
        (ShellWords.quote(program), "run it by itself, with its arguments"), ("snap help", nil),
      ])
  }
}
