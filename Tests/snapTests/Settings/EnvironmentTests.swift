// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapFormat
import Testing

@testable import snap

@Suite struct EnvironmentTests {
  @Test(arguments: [("1", true), ("true", true), ("YES", true), ("0", false), ("off", false)])
  func flags(_ value: String, _ expected: Bool) throws {
    let environment = World().environment(["SNAP_NO_INPUT": value], terminal: true)
    #expect(try environment.noInput() == expected)
  }

  @Test func noTerminalMeansNoInput() throws {
    #expect(try World().environment().noInput())
    #expect(try !World().environment(terminal: true).noInput())
    #expect(try World().environment(["SNAP_NO_INPUT": "0"]).noInput())
  }

  @Test(arguments: [
    ("SNAP_NO_INPUT", "maybe"), ("SNAP_NO_INPUT", ""), ("SNAP_PROGRESS", "loud"),
    ("SNAP_PASSWORD_FD", "three"), ("SNAP_PASSWORD_FD", "-1"), ("SNAP_REPO", ""),
    ("SNAP_PASSWORD_COMMAND", "echo 'open"), ("SNAP_PASSWORD_COMMAND", "  "),
    ("SNAP_CACHE_DIR", ""), ("SNAP_PASSWORD_FILE", ""),
  ])
  func nonsenseIsRefused(_ name: String, _ value: String) throws {
    let environment = World().environment([name: value])
    let failure = try failure { () throws(Failure) in try environment.checkVariables() }
    #expect(failure.exit == 2)
    #expect(failure.lines().joined().contains(name))
  }

  @Test func goodVariablesAndThoseOfOthersPass() throws {
    let environment = World().environment([
      "SNAP_NO_INPUT": "1", "SNAP_PROGRESS": "plain", "SNAP_PASSWORD_FD": "3",
      "SNAP_USER_DATA": "", "SNAP_REVISION": "x1",
    ])
    try environment.checkVariables()
    let empty = World().environment(password: [])
    #expect(try failure { () throws(Failure) in try empty.checkVariables() }.exit == 2)
  }

  @Test func theLocaleTellsTheEncoding() {
    #expect(World().environment(["LANG": "de_DE.UTF-8"]).isUTF8)
    #expect(World().environment(["LC_ALL": "C", "LANG": "de_DE.UTF-8"]).isUTF8 == false)
    #expect(World().environment(["LC_ALL": "", "LANG": "en_GB.utf8"]).isUTF8)
    #expect(World().environment(["LANG": ""]).isUTF8 == false)
  }

  @Test func theLiveEnvironmentIsFilledIn() {
    let live = Environment.live
    #expect(live.home.hasPrefix("/"))
    #expect(live.currentDirectory.hasPrefix("/"))
    #expect(!live.userName.isEmpty && !live.hostName.isEmpty)
    #expect(live.terminalWidth() >= 40)
    #expect(live.now().seconds > 1_600_000_000)
    #expect(abs(live.utcOffset(0)) < 86_400)
  }

  @Test func aClosedReaderIsReportedAsSuch() {
    var ends: [Int32] = [0, 0]
    #expect(unsafe pipe(&ends) == 0)
    #expect(LiveEnvironment.writeAll(ends[1], [1, 2, 3]) == 0)
    close(ends[1])
    #expect(LiveEnvironment.writeAll(ends[1], [1]) == EBADF)
    close(ends[0])
  }

  @Test func hiddenLinesAreEdited() {
    func type(_ bytes: [UInt8]) -> (LineEditor.Step, [UInt8]) {
      var editor = LineEditor()
      var step = LineEditor.Step.more
      for byte in bytes { step = editor.take(byte) }
      return (step, editor.bytes)
    }
    #expect(type(Array("abc\n".utf8)) == (.done, Array("abc".utf8)))
    #expect(type(Array("abc".utf8) + [21] + Array("x\r".utf8)) == (.done, Array("x".utf8)))
    #expect(type(Array("aé".utf8) + [127]) == (.more, Array("a".utf8)))
    #expect(type(Array("a€".utf8) + [8, 8, 8]) == (.more, []))
    #expect(type([4]) == (.ended, []))
    #expect(type([97, 4]) == (.more, [97]))
    #expect(type([97, 3]) == (.interrupted(SIGINT), [97]))
    #expect(type([28]) == (.interrupted(SIGQUIT), []))
  }

  @Test func echoIsOffBeforeThePromptAndOnAfterIt() throws {
    let (master, number) = try EnvironmentTests.pseudoTerminal()
    let slave = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    defer {
      close(master)
      close(slave)
    }
    let typist = Typist(master: master, slave: slave)
    typist.begin()
    let line = Terminal.ask("Password: ", true, on: slave)
    let result = typist.end()
    #expect(line == Array("s3cret".utf8))
    #expect(result.echoWasOff)
    #expect(!String(decoding: result.shown, as: UTF8.self).contains("s3cret"))
    var mode = termios()
    #expect(unsafe tcgetattr(slave, &mode) == 0)
    #expect(mode.c_lflag & tcflag_t(ECHO) != 0)
    #expect(mode.c_lflag & tcflag_t(ICANON) != 0)
  }

  @Test func aSignalDuringThePromptPutsTheEchoBack() async throws {
    let (master, number) = try EnvironmentTests.pseudoTerminal()
    let slave = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    defer {
      close(master)
      close(slave)
    }
    await #expect(processExitsWith: .signal(SIGTERM)) { [number = number as Int32] in
      let own = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
      Typist.raiseWhenHidden(own, SIGTERM)
      _ = Terminal.ask("Password: ", true, on: own)
    }
    var mode = termios()
    #expect(unsafe tcgetattr(slave, &mode) == 0)
    #expect(mode.c_lflag & tcflag_t(ECHO) != 0)
    #expect(mode.c_lflag & tcflag_t(ICANON) != 0)
  }

  private static func pseudoTerminal() throws -> (master: Int32, number: Int32) {
    let master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(master >= 0)
    var number: Int32 = 0
    // TIOCSPTLCK unlocks, TIOCGPTN tells the number; neither macro can be imported.
    #expect(unsafe ioctl(master, 0x4004_5431, &number) == 0)
    #expect(unsafe ioctl(master, 0x8004_5430, &number) == 0)
    return (master, number)
  }
}
