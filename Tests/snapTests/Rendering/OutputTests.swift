// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnapFormat
import Testing

@testable import snap

@Suite struct OutputTests {
  private func say(_ output: Output) throws {
    try output.start(version: "1.0.0", command: "ls", run: "r")
    var line = JSONLine(type: "entry")
    line.addPath(Array("a\u{1B}b".utf8))
    try output.emit(line: "a text line", json: line)
    try output.emit(bytes: output.name(Array("a\u{1B}b".utf8)), json: line)
    output.note("by the way")
    output.warn(slug: "source.unreadable", path: Array("x\ny".utf8), reason: "EACCES")
    try output.result(exit: 0)
  }

  @Test func textGoesToItsPlace() throws {
    let world = World()
    try say(Output(world.environment()))
    #expect(world.out == "a text line\na\u{1B}b\n")
    #expect(world.error == "by the way\nsnap: x\\x0ay: EACCES\n")
    let terminal = World()
    try say(Output(terminal.environment(terminal: true)))
    #expect(terminal.out == "a text line\na\\x1bb\n")
    let quiet = World()
    try say(Output(quiet.environment(), quiet: true))
    #expect(!quiet.error.contains("by the way"))
  }

  @Test func jsonIsNothingButJSON() throws {
    let world = World()
    let output = Output(world.environment(terminal: true), json: true)
    try say(output)
    output.fail(.keyWrong("x"))
    output.warn(.keyWrong("x"))
    #expect(world.error.isEmpty)
    let lines = world.out.split(separator: "\n")
    #expect(lines.count == 7)
    let types = try lines.map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["type"]
        as? String
    }
    #expect(types == ["start", "entry", "entry", "warning", "result", "error", "warning"])
    #expect(
      lines.first
        == "{\"type\":\"start\",\"schema\":1,\"snap\":\"1.0.0\",\"command\":\"ls\",\"run\":\"r\"}")
  }

  @Test func drawnLinesGoBeforeAnythingElse() throws {
    let world = World()
    let output = Output(world.environment(terminal: true))
    output.draw(["one", "two"])
    #expect(world.error == "one\u{1B}[K\ntwo\u{1B}[K\n")
    output.fail(.keyWrong("x"))
    #expect(world.error.contains("two\u{1B}[K\n\u{1B}[2A\r\u{1B}[Jsnap: that password"))
    let before = world.error.count
    output.clearDrawn()
    #expect(world.error.count == before)
  }

  @Test func otherEncodingsGetPlainForms() throws {
    let world = World()
    let output = Output(world.environment(["LANG": "C"]))
    try output.emit(line: "5\u{2009}120 a…b", json: nil)
    #expect(world.out == "5 120 a...b\n")
  }

  @Test func writeErrorsReachTheCaller() throws {
    var environment = World().environment()
    environment.write = { (_: Int32, _: [UInt8]) throws(Failure) in
      throw .writing("standard output", 28)
    }
    let output = Output(environment)
    let failure = try failure { () throws(Failure) in try output.emit(line: "x", json: nil) }
    #expect(failure.exit == 14)
    output.fail(.keyWrong("x"))
  }
}
