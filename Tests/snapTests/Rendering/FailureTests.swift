// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import snap

@Suite struct FailureTests {
  private static let evil = "x\u{1B}]0;t\u{7}\n\u{202E}" + String(repeating: "long", count: 60)

  /// Every failure there is, made with hostile and overlong parts.
  static let all: [Failure] = [
    .usage(evil, facts: Array(repeating: ("fact", evil), count: 9), safe: evil),
    .configuration("/c/" + evil, line: 3, evil),
    .unknownKey("/c/config.toml", line: 14, key: evil, valid: ["exclude"]),
    .needAnswer(evil, options: [("snap init --yes", nil)]),
    .needPassword(evil, command: "snap backup"),
    .keyWrong(evil, slots: Array(repeating: evil, count: 20)),
    .internal(evil), .stopped(signal: 2, kept: evil),
    .repoMissing(evil, found: evil, near: "/x"), .repoExists(evil, created: evil),
    .newer(evil, fact: evil),
    .denied("denied", fact: evil, tries: [("snap key list", nil)]),
    .full("full", place: "/" + evil, fact: evil), .unreachable(evil, fact: evil),
    .damaged(evil, facts: Array(repeating: ("object", evil), count: 20)),
    .lost(evil, facts: Array(repeating: ("file", evil), count: 20)),
    .restorePartial(done: 1, of: 5, files: Array(repeating: evil, count: 9)),
    .snapshotUnknown(evil, nearest: [evil, evil, evil, evil]),
    .snapshotUnknown("4f1c", nearest: ["4f1c2a9e"], ambiguous: true),
    .pathUnknown(evil, snapshot: "4f1c2a9e", nearest: [evil]),
    .restoreConflict(target: evil, count: 3, examples: [evil], again: "snap restore latest"),
    .restoreConflict(target: evil, count: nil, examples: [], again: "snap restore latest"),
    .sourceUnreadable(count: 9, of: 20, examples: Array(repeating: (evil, evil), count: 9)),
    .sourceMissing(Array(repeating: evil, count: 9)),
    .writing("/a/" + evil, 13), .writing("/a/b", 28), .reading("/a/" + evil, 5),
    .openToOthers("/a/" + evil), .ofSomebodyElse("/a/" + evil),
  ]

  static let commands = [
    "init", "backup", "restore", "snapshots", "ls", "cat", "verify", "key", "version", "help",
    "completion",
  ]

  @Test(arguments: all) func keepsTheRules(_ failure: Failure) throws {
    let lines = failure.lines()
    #expect(lines.count <= 8)
    #expect(TextWidth.columns(lines[0]) <= 72)
    #expect(lines[0].hasPrefix("snap: "))
    #expect(lines.last == "  (\(failure.slug), exit \(failure.exit))")
    #expect(!failure.tries.isEmpty)
    #expect(lines.contains { $0.hasPrefix("  try       ") })
    if failure.safe != nil { #expect(lines.contains { $0.hasPrefix("  safe      ") }) }
    for line in lines {
      #expect(!line.unicodeScalars.contains(where: EscapedText.isDangerous))
    }
    for item in failure.tries {
      // Only commands that this version has.
      for part in item.command.components(separatedBy: "snap ").dropFirst()
      where item.command.hasPrefix("snap ") {
        let word = part.prefix { $0.isLetter || $0 == "-" }
        #expect(FailureTests.commands.contains(String(word)), "\(item.command)")
      }
    }
  }

  @Test(arguments: all) func isJSONToo(_ failure: Failure) throws {
    let data = Data(failure.json().text.utf8)
    let parsed = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(parsed["type"] as? String == "error")
    #expect(parsed["slug"] as? String == failure.slug)
    #expect(parsed["exit"] as? Int == Int(failure.exit))
    #expect(parsed["message"] as? String == failure.title)
    #expect((parsed["try"] as? [String])?.isEmpty == false)
  }

  @Test func looksLikeTheDesign() {
    var failure = Failure(
      slug: "key.wrong", exit: 12, title: "that password does not open \"photos\"",
      facts: [("keys", "2: laptop, phone")], safe: "nothing was changed",
      tries: [("snap key test", "again"), ("snap key list", nil)])
    failure.details = "/l/x.log"
    #expect(
      failure.lines() == [
        "snap: that password does not open \"photos\"", "  keys      2: laptop, phone",
        "  safe      nothing was changed", "  try       snap key test   again",
        "            snap key list", "  (key.wrong, exit 12, details: /l/x.log)",
      ])
    #expect(
      failure.json().text
        == "{\"type\":\"error\",\"slug\":\"key.wrong\",\"exit\":12,"
        + "\"message\":\"that password does not open \\\"photos\\\"\","
        + "\"facts\":{\"keys\":\"2: laptop, phone\"},\"safe\":\"nothing was changed\","
        + "\"try\":[\"snap key test\",\"snap key list\"],\"log\":\"/l/x.log\"}")
  }

  @Test func exitCodesAreThoseOfTheDesign() {
    let expected: [(Failure, Int32)] = [
      (.usage("x"), 2), (.configuration("x", line: nil, "y"), 2),
      (.sourceUnreadable(count: 1, of: 2, examples: []), 3),
      (.repoMissing("x", found: nil), 10), (.keyWrong("x"), 12),
      (.denied("x", fact: "y", tries: []), 13), (.full("x", place: "/", fact: "y"), 14),
      (.unreachable("x", fact: "y"), 15), (.repoExists("x", created: nil), 17),
      (.newer("x", fact: "y"), 18), (.damaged("x", facts: []), 20), (.lost("x", facts: []), 21),
      (.restorePartial(done: 1, of: 2, files: []), 21), (.snapshotUnknown("x", nearest: []), 23),
      (.restoreConflict(target: "x", count: 1, examples: [], again: "y"), 24),
      (.needAnswer("x", options: []), 25), (.internal("x"), 70), (.stopped(signal: 15), 143),
      (.writing("/x", 28), 14),
    ]
    for (failure, code) in expected { #expect(failure.exit == code, "\(failure.slug)") }
  }
}
