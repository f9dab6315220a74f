// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting
import Testing

/// A user's computer: an empty HOME of its own, and the program.
struct Computer: Sendable {
  /// Its HOME.
  let home: String
  /// Where commands are run.
  let directory: String

  /// A new HOME in the scene.
  init(_ scene: Scene, _ name: String = "home") throws {
    home = try scene.makeFolder(name)
    directory = scene.path
  }

  /// The program under test: `SNAP_BINARY`, else what `swift build --build-tests` made.
  static func binary() throws -> String {
    if let given = unsafe getenv("SNAP_BINARY") { return unsafe String(cString: given) }
    let path = root() + "/.build/debug/snap"
    guard unsafe access(path, X_OK) == 0 else {
      throw ScenarioFailure(
        description: "\(path) is not there: swift build --build-tests makes it")
    }
    return path
  }

  /// The folder of the package.
  static func root() -> String {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
  }

  /// The Python of the independent reader: what `READER_PYTHON` says, else what scripts/test made.
  static func readerPython() throws -> String {
    for name in ["SNAP_READER_PYTHON", "READER_PYTHON"] {
      if let given = unsafe getenv(name) { return unsafe String(cString: given) }
    }
    let path = root() + "/.build/reader-venv/bin/python"
    guard unsafe access(path, X_OK) == 0 else {
      throw ScenarioFailure(description: "\(path) is not there: scripts/test makes it")
    }
    return path
  }

  /// The embedded default repository.
  var repository: String { home + "/.local/share/snap/repository" }
  /// The file with its recovery key.
  var recoveryKeyFile: String { home + "/.local/share/snap/recovery-key.txt" }

  /// Runs snap and expects how it ends; nil expects nothing.
  @discardableResult func snap(
    _ arguments: String..., variables: [String: String] = [:], exits expected: Int32? = 0,
    killAfter: Duration? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ShellResult {
    let result = try await Shell.run(
      [try Computer.binary()] + arguments, variables: environment(variables), in: directory,
      killAfter: killAfter)
    if let expected {
      #expect(
        result.exit == expected, "snap \(arguments): \(result.story)",
        sourceLocation: sourceLocation)
    }
    return result
  }

  /// Runs another program that gets the program's path as its last words.
  func run(
    _ words: [String], variables: [String: String] = [:]
  ) async throws -> ShellResult {
    try await Shell.run(words, variables: environment(variables), in: directory)
  }

  /// Starts snap and does not wait.
  func start(_ arguments: String...) throws -> Running {
    try Running(
      [try Computer.binary()] + arguments, variables: environment([:]), in: directory)
  }

  /// Runs snap with `--json`; gives the objects, the last of which ends the stream.
  func json(
    _ arguments: String..., exits expected: Int32 = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [JSONObject] {
    let result = try await Shell.run(
      [try Computer.binary()] + arguments + ["--json"], variables: environment([:]),
      in: directory)
    #expect(
      result.exit == expected, "snap \(arguments): \(result.story)", sourceLocation: sourceLocation)
    let objects = try JSONObject.lines(result.output)
    #expect(
      objects.last?.text("type") == (expected == 0 || expected == 3 ? "result" : "error"),
      "\(result.text.suffix(500))", sourceLocation: sourceLocation)
    #expect(objects.last?.number("exit") == Int(expected), sourceLocation: sourceLocation)
    return objects
  }

  /// Backs up with `--json` and gives the result object.
  func backUp(
    _ path: String, exits expected: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> JSONObject {
    let objects = try await json(
      "backup", path, exits: expected, sourceLocation: sourceLocation)
    guard let last = objects.last else { throw ScenarioFailure(description: "no result object") }
    return last
  }

  private func environment(_ more: [String: String]) -> [String: String] {
    more.merging(["HOME": home]) { $1 }
  }
}
