// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting
import Testing

extension Scenarios {
  /// What goes wrong ends with its own code and says what to do; nothing is lost.
  @Suite struct ExitCodeTests {
    @Test func wrongKeysAndMissingRepositories() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      let nothing = try await computer.snap("snapshots", exits: 10)
      expectAdvice(nothing, "repo.missing")
      let nowhere = try await computer.snap("--repo", "./nowhere", "snapshots", exits: 10)
      expectAdvice(nowhere, "snap init")
      try await computer.snap("--repo", "./Photos", "backup", tree, exits: 10)

      let password = try scene.write("password", "correct horse battery\n")
      let wrong = try scene.write("wrong", "incorrect horse\n")
      try await computer.snap(
        "init", "repository", "--password-file", password, "--recovery-out", "recovery")
      try await computer.snap("backup", tree)
      let refused = try await computer.snap("snapshots", "--password-file", wrong, exits: 12)
      expectAdvice(refused, "snap key test")
      try await computer.snap("key", "test", "--password-file", wrong, exits: 12)
      let other = try Computer(scene, "home2")
      let asked = try await other.snap("--repo", "./repository", "snapshots", exits: 25)
      expectAdvice(asked, "--password-file")
      let byVariable = try await other.snap(
        "backup", tree, variables: ["SNAP_REPO": scene.file("repository")], exits: 25)
      expectAdvice(byVariable, "snap backup \(tree) --password-file FILE")
      #expect(!FileMaker.exists(other.repository), "nothing was made elsewhere")
      let key = String(decoding: try FileMaker.read(scene.file("recovery")), as: UTF8.self)
      let first: Character = key.first == "A" ? "B" : "A"
      let typo = try scene.write("typo", String(first) + String(key.dropFirst()))
      let result = try await other.snap(
        "--repo", "./repository", "snapshots", "--recovery-key-file", typo, exits: nil)
      #expect(result.exit == 12 || result.exit == 2, "\(result.story)")

      try await computer.snap("init", "repository", "--password-file", password, exits: 17)
      try await other.snap("init", "repository", "--password-file", password, exits: 17)
      try await computer.snap("restore", "latest", "--to", "OUT")
      try await scene.expectSame(tree, scene.file("OUT/Photos"))
    }

    @Test func wrongUse() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      try await computer.snap("backup", tree)
      try await computer.snap("backup", exits: 2)
      try await computer.snap("backup", "--no-such-option", tree, exits: 2)
      try await computer.snap("no-such-command", exits: 2)
      try await computer.snap("backup", tree, "--memory", "three", exits: 2)
      try await computer.snap("backup", scene.file("not-there"), exits: 2)
      try await computer.snap("snapshots", variables: ["SNAP_PROGRESS": "loud"], exits: 2)
      try await computer.snap("snapshots", variables: ["SNAP_REPO": ""], exits: 2)
      for unknown in ["ffffffff", "latest~7", "nonsense"] {
        let result = try await computer.snap("restore", unknown, "--to", "OUT", exits: 23)
        expectAdvice(result, "snap snapshots")
      }
      try await computer.snap("restore", "latest:Photos/none", "--to", "OUT", exits: 23)
      try await computer.snap("ls", "latest:none", exits: 23)
      try await computer.snap("cat", "latest:Photos/none", exits: 23)
      try await computer.snap("cat", "latest:Photos", exits: 2)
      _ = try await computer.json("restore", "ffffffff", exits: 23)
      #expect(!FileMaker.exists(scene.file("OUT")))

      try scene.write("home/.config/snap/config.toml", "defautl-remote = \"x\"\n")
      let misspelt = try await computer.snap("snapshots", exits: 2)
      #expect(misspelt.errors.contains("default-remote"), "\(misspelt.errors)")
      #expect(misspelt.errors.contains("line 1"), "\(misspelt.errors)")
    }

    @Test func aTargetWithOtherContentIsRefused() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      try await computer.snap("backup", tree)
      try scene.write("OUT/mine.txt", "keep me")
      let result = try await computer.snap("restore", "latest", "--to", "OUT", exits: 24)
      expectAdvice(result, "snap restore")
      #expect(try FileMaker.names(in: scene.file("OUT")) == ["mine.txt"])
      #expect(try FileMaker.read(scene.file("OUT/mine.txt")) == Array("keep me".utf8))
      // What another restore left is other content too, once it is complete or changed.
      try await computer.snap("restore", "latest:Photos/2023", "--to", "PART")
      try scene.write("PART/2023/a.jpg", "changed by its owner")
      let second = try await computer.snap("restore", "latest", "--to", "PART", exits: nil)
      #expect(second.exit == 24, "\(second.story)")
      #expect(
        try FileMaker.read(scene.file("PART/2023/a.jpg")) == Array("changed by its owner".utf8))
      // An empty folder is as good as none.
      try scene.makeFolder("EMPTY")
      try await computer.snap("restore", "latest", "--to", "EMPTY")
      try await scene.expectSame(tree, scene.file("EMPTY/Photos"))
    }

    @Test func unreadableFilesAreNamedAndTheRestIsSaved() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      try scene.write("Photos/secret.txt", "nobody may read this")
      try scene.write("Photos/closed/inside.txt", "nor list this")
      var launcher: [String] = []
      if Scene.isRoot {
        // Root without its privileges: what belongs to others is closed to it too.
        try await Shell.script(
          "chown 12345 secret.txt closed; chmod 0600 secret.txt; chmod 0700 closed", in: tree)
        launcher = [try Shell.tool("setpriv"), "--bounding-set", "-all"]
      } else {
        try await Shell.script("chmod 0 secret.txt closed", in: tree)
      }
      let words = launcher + [try Computer.binary(), "backup", tree]
      for round in 0..<2 {
        let result = try await computer.run(words)
        #expect(result.exit == 3, "round \(round): \(result.story)")
        #expect(result.errors.contains("\(tree)/secret.txt"), "\(result.errors)")
        #expect(result.errors.contains("\(tree)/closed"), "\(result.errors)")
        let restored = try await computer.snap(
          "restore", "latest", "--to", "OUT\(round)", exits: nil)
        #expect(restored.exit == 0, "\(restored.story)")
        let seen = try await scene.differences(tree, scene.file("OUT\(round)/Photos"))
        let lines = seen.split(separator: "\n").filter { !$0.hasPrefix(".d") }
        let known = ["secret.txt", "inside.txt"]
        #expect(lines.allSatisfy { line in known.contains { line.contains($0) } }, "\(seen)")
        #expect(lines.count == 2)
      }
      let listed = try await computer.snap("snapshots")
      #expect(listed.text.contains("unreadable"), "\(listed.text)")
    }

    @Test func aFullDisk() async throws {
      guard Scene.isRoot else { return Scene.notTested("full disks (a mount is needed)") }
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      let disk = try scene.makeFolder("disk")
      try await Shell.script("mount -t tmpfs -o size=24m none '\(disk)'", in: "/")
      let password = try scene.write("password", "correct horse battery\n")
      try await computer.snap(
        "init", disk + "/repository", "--password-file", password, "--recovery-out", "recovery")
      try await computer.snap("backup", tree)
      try scene.write("large/one", Scene.noise(30_000_000))
      try scene.write("large/two", Scene.noise(15_000_000))
      for _ in 0..<2 {
        let full = try await computer.snap("backup", "large", exits: 14)
        expectAdvice(full, "complete")
      }
      let listed = try await computer.snap("snapshots")
      #expect(listed.text.contains("1 of 1 shown"), "\(listed.text)")
      let other = try Computer(scene, "home2")
      try await other.snap(
        "--repo", disk + "/repository", "restore", "latest", "--to", "OUT", "--password-file",
        password)
      try await scene.expectSame(tree, scene.file("OUT/Photos"))
      try await computer.snap("verify", "--read-data")

      // More room: the same command goes on.
      try await Shell.script("mount -o remount,size=90m '\(disk)'", in: "/")
      try await computer.snap("backup", "large")
      let small = try scene.makeFolder("small")
      try await Shell.script("mount -t tmpfs -o size=20m none '\(small)'", in: "/")
      try await computer.snap("restore", "latest", "--to", small + "/OUT", exits: 14)
      try await Shell.script("mount -o remount,size=60m '\(small)'", in: "/")
      try await computer.snap("restore", "latest", "--to", small + "/OUT")
      try await scene.expectSame(scene.file("large"), small + "/OUT/large")
    }

    /// A message says what is safe or to do, and ends with its name and code.
    private func expectAdvice(
      _ result: ShellResult, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(
        result.errors.contains(words), "\(result.errors)", sourceLocation: sourceLocation)
      #expect(
        result.errors.hasPrefix("snap: ") || result.errors.contains("\nsnap: "),
        sourceLocation: sourceLocation)
      #expect(result.errors.contains("  try "), sourceLocation: sourceLocation)
      #expect(
        result.errors.contains("exit \(result.exit ?? -1))"), sourceLocation: sourceLocation)
    }
  }
}
