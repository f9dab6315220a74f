// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import snap

@Suite struct NewPasswordTests {
  private let strong = "vorn-Kuchen7 blau%Tisch"

  private func ask(_ world: World) throws(Failure) -> String {
    let environment = world.environment(terminal: true)
    let bytes = try NewPassword(environment, output: Output(environment))
      .ask(options: [("snap init --password-file FILE", nil)])
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func typedTwice() throws {
    let world = World(answers: [strong, strong])
    #expect(try ask(world) == strong)
    #expect(world.error.contains("strong: over 1\u{2009}000 years"))
    #expect(!world.error.contains("vorn") && world.out.isEmpty)
  }

  @Test func shortEmptyAndDifferentAreAskedAgain() throws {
    let world = World(answers: ["", "short", strong, strong + "x", strong, strong])
    #expect(try ask(world) == strong)
    #expect(world.error.contains("too short"))
    #expect(world.error.contains("differ"))
    #expect(world.error.contains("protects nothing"))
  }

  @Test func weakNeedsASecondYes() throws {
    let world = World(answers: ["password1", "n", "password1", "y", "password1"])
    #expect(try ask(world) == "password1")
    #expect(world.prompts.filter { $0.contains("all the same") }.count == 2)
  }

  @Test func endsWithoutATerminalAndAfterTooManyTries() throws {
    let mute = try failure { () throws(Failure) in _ = try ask(World()) }
    #expect(mute.exit == 25)
    #expect(mute.tries.first?.command == "snap init --password-file FILE")
    let half = try failure { () throws(Failure) in _ = try ask(World(answers: [strong])) }
    #expect(half.exit == 25)
    let tired = World(answers: Array(repeating: "short", count: 9))
    #expect(try failure { () throws(Failure) in _ = try ask(tired) }.exit == 2)
    #expect(tired.prompts.count == NewPassword.tries)
  }

  @Test(arguments: [("1234567", false), ("äöüßäöü", false), ("12345678", true), ("äöüßäöüß", true)])
  func lengthIsInCharacters(_ text: String, _ isGood: Bool) {
    let good = (try? NewPassword.check(Array(text.utf8))) != nil
    #expect(good == isGood)
  }

  @Test func strengthHasSense() {
    func bits(_ text: String) -> Double { PasswordStrength(Array(text.utf8)).bits }
    for weak in ["aaaaaaaaaaaa", "12345678", "password", "abcdefghij", "qwertyui", "Password1"] {
      #expect(PasswordStrength(Array(weak.utf8)).isWeak, "\(weak)")
    }
    for good in [strong, "kX9#mQ2$vL7p", "correct horse battery staple"] {
      #expect(!PasswordStrength(Array(good.utf8)).isWeak, "\(good)")
    }
    #expect(bits("xkqzvbnw") < bits("xkqzvbnwRT"))
    #expect(PasswordStrength([]).bits == 0)
    #expect(PasswordStrength([0xFF, 0xFE]).text.hasPrefix("weak"))
  }
}
