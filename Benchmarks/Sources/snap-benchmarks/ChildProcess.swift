// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A program, its arguments, its whole environment and where it runs.
struct Command: Sendable {
  var arguments: [String]
  var environment: [String: String] = [:]
  var directory: String
  /// Exit codes that count as success.
  var good: Set<Int32> = [0]
}

/// What a process that ended took.
struct Outcome: Sendable {
  let exit: Int32
  let seconds: Double
  /// Highest resident memory of the process or of a child it waited for.
  let peakBytes: Int
  /// Standard output and standard error, together.
  let output: String
}

struct Failure: Error, CustomStringConvertible {
  let description: String
}

extension Command {
  /// Runs the program to its end. With `synced` the time runs until the disk has everything.
  ///
  /// - Throws: ``Failure`` if it cannot be started or ends with a code that is not good.
  func run(log: String, synced: Bool = false) throws -> Outcome {
    // Nothing that others wrote may be counted.
    if synced { sync() }
    let clock = ContinuousClock()
    let start = clock.now
    let process = try spawn(log: log)
    var status: Int32 = 0
    var usage = rusage()
    while unsafe wait4(process, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw Failure(description: "cannot wait for \(arguments[0])") }
    }
    if synced { sync() }
    let (whole, parts) = (clock.now - start).components
    let output = readText(log)
    let exit = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    guard good.contains(exit) else {
      let line = arguments.joined(separator: " ")
      throw Failure(description: "exit \(exit): \(line)\n\(output.suffix(2000))")
    }
    return Outcome(
      exit: exit, seconds: Double(whole) + Double(parts) / 1e18,
      peakBytes: usage.ru_maxrss * 1024, output: output)
  }

  private func spawn(log: String) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let variables = environment.map { "\($0.key)=\($0.value)" }
    var process: pid_t = 0
    // env changes the folder and becomes the program: the call for it is not importable.
    let line = ["env", "-C", directory] + arguments
    let code = unsafe withPointers(line) { argv in
      unsafe withPointers(variables) { envp in
        unsafe posix_spawn(&process, "/usr/bin/env", &actions, nil, argv, envp)
      }
    }
    guard code == 0 else { throw Failure(description: "cannot start env: \(code)") }
    return process
  }
}

/// Lends texts as a C array of C strings that ends with a null pointer.
private func withPointers<Result>(
  _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
  defer {
    for index in unsafe pointers.indices { unsafe free(pointers[index]) }
  }
  return unsafe body(pointers)
}

/// The text of a file; empty if it cannot be read.
func readText(_ path: String) -> String {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return "" }
  defer { close(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += buffer[..<count]
  }
}
