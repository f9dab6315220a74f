// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import snap

@Suite struct PasswordSourcesTests {
  private func given(
    _ options: PasswordOptions, _ environment: Environment = World().environment()
  ) async throws -> Secret? {
    try await PasswordSources(options, environment: environment).given()
  }

  private func fails(
    _ options: PasswordOptions, _ environment: Environment = World().environment()
  ) async throws -> Failure {
    do {
      let secret = try await given(options, environment)
      return try #require(nil, "it should have failed, but gave \(String(describing: secret))")
    } catch let failure as Failure {
      return failure
    }
  }

  @Test(arguments: [
    ("geheim\n", "geheim"), ("geheim", "geheim"), ("geheim\r\n", "geheim"), ("a\n\n", "a\n"),
    (" a b ", " a b "), ("a\r", "a\r"), ("a\u{308}\n", "\u{e4}"), ("\u{212B}", "\u{C5}"),
  ])
  func oneLineEndingIsDropped(_ content: String, _ expected: String) async throws {
    let scratch = try Scratch()
    let path = try scratch.write("p", content)
    let secret = try await given(PasswordOptions(file: path))
    #expect(secret == .password(Array(expected.utf8)))
  }

  @Test func bytesThatAreNotTextStay() {
    #expect(PasswordText.normalised([0x61, 0xFF, 0xCC, 0x88]) == [0x61, 0xFF, 0xCC, 0x88])
    #expect(PasswordText.normalised([0x61, 0xCC, 0x88]) == [0xC3, 0xA4])
  }

  @Test func optionsComeBeforeTheEnvironment() async throws {
    let scratch = try Scratch()
    let one = try scratch.write("one", "one")
    let two = try scratch.write("two", "two")
    let variables = [
      "SNAP_PASSWORD_FILE": two, "SNAP_PASSWORD_COMMAND": "echo three",
      "SNAP_RECOVERY_KEY_FILE": one,
    ]
    let environment = World().environment(variables, password: Array("four".utf8))
    #expect(try await given(PasswordOptions(file: one), environment) == .password([111, 110, 101]))
    #expect(try await given(PasswordOptions(), environment) == .password([116, 119, 111]))
    var less = environment
    less.variables["SNAP_PASSWORD_FILE"] = nil
    #expect(try await given(PasswordOptions(), less) == .password(Array("three".utf8)))
    less.variables["SNAP_PASSWORD_COMMAND"] = nil
    #expect(try await given(PasswordOptions(), less) == .password(Array("four".utf8)))
    less.passwordVariable = nil
    #expect(
      try await given(PasswordOptions(), less) == .recoveryKey(text: "one", file: one))
    less.variables["SNAP_RECOVERY_KEY_FILE"] = nil
    #expect(try await given(PasswordOptions(), less) == nil)
  }

  @Test func descriptorsAreRead() async throws {
    var ends: [Int32] = [0, 0]
    #expect(unsafe pipe(&ends) == 0)
    #expect(LiveEnvironment.writeAll(ends[1], Array("from fd\n".utf8)) == 0)
    close(ends[1])
    let secret = try await given(PasswordOptions(descriptor: ends[0]))
    close(ends[0])
    #expect(secret == .password(Array("from fd".utf8)))
    #expect(try await fails(PasswordOptions(descriptor: 987)).exit == 2)
  }

  @Test func commandsRunWithoutAShellOrSecrets() async throws {
    let text = try await given(PasswordOptions(command: "printf '%s\\n' 'a  $HOME;b'"))
    #expect(text == .password(Array("a  $HOME;b".utf8)))
    unsafe setenv("SNAP_PASSWORD_FD", "77", 1)
    let seen = try await given(PasswordOptions(command: "/usr/bin/env"))
    unsafe unsetenv("SNAP_PASSWORD_FD")
    guard case .password(let bytes) = seen else {
      Issue.record("no output")
      return
    }
    #expect(!String(decoding: bytes, as: UTF8.self).contains("SNAP_PASSWORD"))
  }

  @Test(arguments: [
    "false", "/no/such/program", "nosuchprogram-zz", "true", "sh -c 'kill -9 $$'",
    "head -c 9000 /dev/zero", "", "echo 'open",
  ])
  func commandsThatFail(_ command: String) async throws {
    let failure = try await fails(PasswordOptions(command: command))
    #expect(failure.exit == 2)
    #expect(failure.lines().count <= 8)
  }

  @Test func emptyAndDoubleAreRefused() async throws {
    let scratch = try Scratch()
    for content in ["", "\n", "\r\n"] {
      let path = try scratch.write("p", content)
      #expect(try await fails(PasswordOptions(file: path)).exit == 2)
    }
    #expect(try await fails(PasswordOptions(file: scratch.path + "/none")).exit == 2)
    #expect(try await fails(PasswordOptions(file: "/a", command: "x")).exit == 2)
    #expect(try await fails(PasswordOptions(descriptor: -1)).exit == 2)
    #expect(
      try await fails(PasswordOptions(), World().environment(password: [])).exit == 2)
    let long = try scratch.write("long", String(repeating: "x", count: 5000))
    #expect(try await fails(PasswordOptions(file: long)).exit == 2)
  }

  @Test func thePromptComesLastAndOnlyOnATerminal() async throws {
    let world = World(answers: ["a\u{308}bc", ""])
    let sources = try PasswordSources(
      PasswordOptions(), environment: world.environment(terminal: true))
    #expect(sources.canAsk)
    #expect(try await sources.password("nas") == Array("\u{e4}bc".utf8))
    #expect(world.prompts == ["Password of \"nas\": "])
    #expect(try await sources.password("nas") == nil)
    #expect(try await sources.password("nas") == nil)
    let mute = try PasswordSources(
      PasswordOptions(), environment: world.environment(terminal: true), noInput: true)
    #expect(try !mute.canAsk && mute.prompted("nas") == nil)
    let job = try PasswordSources(PasswordOptions(), environment: world.environment())
    #expect(try await job.password("nas") == nil)
    #expect(world.prompts.count == 3)
  }
}
