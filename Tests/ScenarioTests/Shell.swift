// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting

/// What a program printed, and how it ended.
struct ShellResult: Sendable {
  /// The exit code; nil if a signal ended it.
  let exit: Int32?
  /// The signal that ended it.
  let signal: Int32?
  /// All of standard output.
  let output: [UInt8]
  /// All of standard error; what is no UTF-8 is replaced.
  let errors: String

  /// Standard output as text; what is no UTF-8 is replaced.
  var text: String { String(decoding: output, as: UTF8.self) }
  /// How it ended and what it said, for a failing test.
  var story: String {
    "exit \(exit.map(String.init) ?? "-"), signal \(signal.map(String.init) ?? "-")\n"
      + "stdout: \(text.suffix(3000))\nstderr: \(errors.suffix(3000))"
  }
}

/// Something that a scenario needs and does not find.
struct ScenarioFailure: Error, CustomStringConvertible {
  let description: String
}

/// Runs programs as a user would, but with nothing on standard input and no terminal.
enum Shell {
  /// Where programs are looked for.
  static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// The path of a tool; `scripts/test` installs all that are used.
  static func tool(_ name: String) throws -> String {
    for folder in path.split(separator: ":") {
      let candidate = "\(folder)/\(name)"
      if unsafe access(candidate, X_OK) == 0 { return candidate }
    }
    throw ScenarioFailure(description: "\(name) is not installed; scripts/test installs it")
  }

  /// Runs a program to its end, or kills it (SIGKILL) after `killAfter`.
  ///
  /// - Throws: ``ScenarioFailure`` when it cannot be started or needs more than two minutes.
  static func run(
    _ words: [String], variables: [String: String] = [:], in directory: String = "/",
    killAfter: Duration? = nil
  ) async throws -> ShellResult {
    let running = try Running(words, variables: variables, in: directory)
    let begun = ContinuousClock.now
    while running.isAlive {
      let passed = ContinuousClock.now - begun
      if let killAfter, passed >= killAfter { running.kill() }
      if passed > .seconds(120) {
        running.kill()
        throw ScenarioFailure(description: "still running after two minutes: \(words)")
      }
      // Fast programs are seen fast, slow ones cost nothing.
      try? await Task.sleep(for: passed < .milliseconds(200) ? .milliseconds(2) : .milliseconds(8))
    }
    return try running.result()
  }

  /// Runs a script with bash; it must end well.
  static func script(
    _ text: String, variables: [String: String] = [:], in directory: String
  ) async throws {
    let result = try await run(
      [try tool("bash"), "-euo", "pipefail", "-c", text], variables: variables, in: directory)
    guard result.exit == 0 else {
      throw ScenarioFailure(description: "a script failed: \(text)\n\(result.story)")
    }
  }
}

/// A program that was started.
// Sendable: a process is asked, waited for and killed by one task at a time.
final class Running: @unchecked Sendable {
  private let folder: TemporaryDirectory
  private let process: pid_t
  private var status: Int32?

  /// Starts it in a session of its own, so that there is no terminal.
  init(
    _ words: [String], variables: [String: String] = [:], in directory: String = "/"
  ) throws {
    let folder = try TemporaryDirectory()
    var all = ["PATH": Shell.path, "LANG": "C.UTF-8", "TZ": "UTC"]
    all.merge(variables) { $1 }
    process = try Running.start(
      words, all.map { "\($0)=\($1)" }, directory, folder.file("out"), folder.file("err"))
    self.folder = folder
  }

  deinit {
    kill()
    _ = isAlive
  }

  /// Whether it still runs.
  var isAlive: Bool {
    guard status == nil else { return false }
    var found: Int32 = 0
    let done = unsafe waitpid(process, &found, WNOHANG)
    if done == process { status = found }
    return done == 0
  }

  /// Ends it at once, as a power cut would.
  func kill() {
    guard status == nil else { return }
    _ = Glibc.kill(process, SIGKILL)
    var found: Int32 = 0
    if unsafe waitpid(process, &found, 0) == process { status = found }
  }

  /// How it ended; only after its end.
  func result() throws -> ShellResult {
    guard let status else { throw ScenarioFailure(description: "it still runs") }
    let signal = status & 0x7F
    return ShellResult(
      exit: signal == 0 ? (status >> 8) & 0xFF : nil, signal: signal == 0 ? nil : signal,
      output: try FileMaker.read(folder.file("out")),
      errors: String(decoding: try FileMaker.read(folder.file("err")), as: UTF8.self))
  }

  private static func start(
    _ words: [String], _ variables: [String], _ directory: String, _ out: String, _ err: String
  ) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (number, file) in [(Int32(1), out), (2, err)] {
      unsafe posix_spawn_file_actions_addopen(
        &actions, number, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, which the headers hide
    unsafe posix_spawnattr_setflags(&attributes, newSession)
    // env changes the directory: the call that would do it is hidden by the headers.
    let all = ["/usr/bin/env", "-C", directory] + words
    var argv = unsafe all.map { unsafe strdup($0) } + [nil]
    var envp = unsafe variables.map { unsafe strdup($0) } + [nil]
    defer { for unsafe text in unsafe argv + envp { unsafe free(text) } }
    var process = pid_t()
    let error = unsafe posix_spawn(&process, all[0], &actions, &attributes, &argv, &envp)
    guard error == 0 else {
      throw ScenarioFailure(description: "cannot start \(words[0]): errno \(error)")
    }
    return process
  }
}
