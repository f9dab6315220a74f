// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

extension Scenarios {
  /// Power cuts: `kill -9` at random moments, then the same command again.
  @Suite struct KillTests {
    /// Packs that are filled, sealed or written at the same time, and their size.
    private static let inFlight = 4 * (32 << 20)

    @Test func aKilledFirstBackupIsResumed() async throws {
      let scene = try Scene()
      let tree = try makePhotos(scene, 60, of: 4_600_000)
      var random = SeededRandom.fresh()
      let undisturbed = try Computer(scene, "undisturbed")
      let begun = ContinuousClock.now
      try await undisturbed.snap("backup", tree)
      let duration = ContinuousClock.now - begun
      let whole = try Objects(undisturbed.repository).bytes

      let computer = try Computer(scene)
      var written = 0
      var seen = try Objects(computer.repository)
      let kills = 5
      for _ in 0..<kills {
        let moment = duration * Double.random(in: 0.05...0.7, using: &random)
        let result = try await computer.snap("backup", tree, exits: nil, killAfter: moment)
        #expect(result.signal == 9 || result.exit == 0, "\(random): \(result.story)")
        let now = try Objects(computer.repository)
        written += now.bytes(since: seen)
        seen = now
      }
      try await computer.snap("backup", tree)
      written += try Objects(computer.repository).bytes(since: seen)
      try await computer.snap("restore", "latest", "--to", "OUT")
      try await scene.expectSame(tree, scene.file("OUT/tree"))
      let verified = try await computer.snap("verify", "--read-data")
      #expect(verified.text.contains("No damage"), "\(random): \(verified.text)")
      let limit = whole + kills * KillTests.inFlight
      Scene.say(
        "killed backup: \(written) bytes written in \(kills + 1) runs, "
          + "\(whole) undisturbed, limit \(limit), \(random)")
      #expect(written <= limit, "\(random)")
    }

    private func makePhotos(_ scene: Scene, _ count: Int, of size: Int) throws -> String {
      let tree = try scene.makeFolder("tree")
      for number in 0..<count {
        try scene.write("tree/\(number % 5)/photo-\(number)", Scene.noise(size + number * 777))
      }
      for number in 0..<400 { try scene.write("tree/small/\(number)", "file \(number)\n") }
      return tree
    }

    @Test func whatWasStoredIsNotStoredAgain() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try makePhotos(scene, 60, of: 4_600_000)
      let running = try computer.start("backup", tree)
      var stored: [String: Int] = [:]
      while running.isAlive {
        stored = try Objects(computer.repository).lengths.filter { $0.key.hasPrefix("data/") }
        if stored.values.reduce(0, +) > 150_000_000 { running.kill() }
        try await Task.sleep(for: .milliseconds(2))
      }
      let before = try Objects(computer.repository)
      #expect(try running.result().signal == 9)
      try await computer.snap("backup", tree)
      let added = try Objects(computer.repository).bytes(since: before)
      // What each of three packs at a time was when the journal did not yet know it.
      let unknown = 3 * (stored.values.max() ?? 0)
      let rest = 60 * 4_650_000 - stored.values.reduce(0, +)
      Scene.say("resumed backup: \(added) bytes added, \(rest) were missing")
      #expect(added <= rest + unknown)
      try await computer.snap("restore", "latest", "--to", "OUT")
      try await scene.expectSame(tree, scene.file("OUT/tree"))
    }

    @Test func aKilledRestoreIsContinued() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try makePhotos(scene, 40, of: 2_500_000)
      try await computer.snap("backup", tree)
      let begun = ContinuousClock.now
      try await computer.snap("restore", "latest", "--to", "first")
      let duration = ContinuousClock.now - begun
      var random = SeededRandom.fresh()
      var isDone = false
      for _ in 0..<4 where !isDone {
        let moment = duration * Double.random(in: 0.05...0.5, using: &random)
        let result = try await computer.snap(
          "restore", "latest", "--to", "OUT", exits: nil, killAfter: moment)
        // A finished restore is not begun again: its target has content (24).
        isDone = [0, 24].contains(result.exit)
        #expect(result.signal == 9 || isDone, "\(random): \(result.story)")
      }
      if !isDone {
        let last = try await computer.snap("restore", "latest", "--to", "OUT", exits: nil)
        #expect([0, 24].contains(last.exit), "\(random): \(last.story)")
      }
      try await scene.expectSame(tree, scene.file("OUT/tree"))
      #expect(try FileMaker.names(in: scene.file("OUT")) == ["tree"], "nothing else is left")
    }

    @Test func aKilledInitLeavesNothingInTheWay() async throws {
      let scene = try Scene()
      let tree = try scene.makeSmallTree()
      var random = SeededRandom.fresh()
      for number in 0..<8 {
        let computer = try Computer(scene, "home\(number)")
        for _ in 0..<2 {
          try await computer.snap(
            "backup", tree, exits: nil,
            killAfter: .microseconds(Int.random(in: 5000...250_000, using: &random)))
        }
        let result = try await computer.snap("backup", tree, exits: nil)
        #expect(result.exit == 0, "\(random): \(result.story)")
        try await computer.snap("restore", "latest", "--to", "OUT\(number)")
        try await scene.expectSame(tree, scene.file("OUT\(number)/Photos"))
        // Some file with a recovery key opens it.
        let data = computer.home + "/.local/share/snap"
        let other = try Computer(scene, "other\(number)")
        var opens = false
        for name in try FileMaker.names(in: data) where name.hasPrefix("recovery-key") {
          let test = try await other.snap(
            "--repo", computer.repository, "key", "test", "--recovery-key-file", "\(data)/\(name)",
            exits: nil)
          if test.exit == 0 { opens = true }
        }
        #expect(opens, "\(random): a saved recovery key opens the repository")
      }
    }
  }
}
