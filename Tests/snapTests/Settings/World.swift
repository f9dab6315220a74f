// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SnapFormat
import SnapLock
import Testing

@testable import snap

/// Surroundings that a test makes up, and what was written and asked in them.
final class World: Sendable {
  struct Seen {
    var out: [UInt8] = []
    var error: [UInt8] = []
    var prompts: [String] = []
    var answers: [[UInt8]] = []
  }

  let seen = Lock(Seen())

  init(answers: [String] = []) { seen.with { $0.answers = answers.map { Array($0.utf8) } } }

  var out: String { seen.with { String(decoding: $0.out, as: UTF8.self) } }
  var error: String { seen.with { String(decoding: $0.error, as: UTF8.self) } }
  var prompts: [String] { seen.with { $0.prompts } }

  func environment(
    _ variables: [String: String] = [:], terminal: Bool = false, home: String = "/home/ann",
    password: [UInt8]? = nil
  ) -> Environment {
    Environment(
      variables: variables.merging(["LANG": "C.UTF-8", "HOME": home]) { mine, _ in mine },
      passwordVariable: password, home: home, isRoot: false, currentDirectory: "/work/here",
      stdinIsTerminal: terminal, stdoutIsTerminal: terminal, stderrIsTerminal: terminal,
      userName: "ann", hostName: "laptop", terminalWidth: { 80 },
      now: { FileTime(seconds: 1_763_600_580) }, uptime: { 5 }, utcOffset: { _ in 3600 },
      write: { [self] (descriptor: Int32, bytes: [UInt8]) throws(Failure) in
        seen.with { if descriptor == 1 { $0.out += bytes } else { $0.error += bytes } }
      },
      ask: { [self] (prompt: String, _: Bool) throws(Failure) -> [UInt8]? in
        seen.with {
          $0.prompts.append(prompt)
          return $0.answers.isEmpty ? nil : $0.answers.removeFirst()
        }
      })
  }
}

/// A directory that goes when the test ends.
final class Scratch {
  let path: String

  init() throws {
    path = "/tmp/snap-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)), as: UTF8.self)
  }

  func mode(_ name: String) -> UInt32 {
    var facts = stat()
    guard unsafe lstat(path + "/" + name, &facts) == 0 else { return 0 }
    return facts.st_mode & 0o7777
  }
}

/// Runs something that must fail, and gives the failure back.
func failure(_ body: () throws(Failure) -> Void) throws -> Failure {
  var seen: Failure?
  do { try body() } catch { seen = error }
  return try #require(seen, "it should have failed")
}
