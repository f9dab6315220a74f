// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

extension Scenarios {
  /// Passwords, the recovery key, a second computer; and that secrets stay where they belong.
  @Suite struct KeyTests {
    @Test func passwordsComeAndGo() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      let first = try scene.write("first", "the first password\n")
      let second = try scene.write("second", "the second password\r\n")
      let third = try scene.write("third", "the third password")
      try await computer.snap(
        "init", scene.file("repository"), "--password-file", first, "--recovery-out", "recovery")
      #expect(FileMaker.mode(of: scene.file("recovery")) == 0o100600)
      // A plain backup goes to the repository that init has remembered.
      let saved = try await computer.snap("backup", tree)
      #expect(!saved.text.contains("same disk"))
      #expect(!FileMaker.exists(computer.repository), "no embedded default is made")
      #expect(try Objects(scene.file("repository")).names.contains { $0.hasPrefix("snap/") })

      try await computer.snap("key", "add", "--label", "laptop", "--new-password-file", second)
      #expect(try await computer.json("key", "list").filter { $0.has("role") }.count == 2)
      try await expectOpens(scene, [second], not: [])
      try await computer.snap("key", "passwd", exits: 2)
      try await computer.snap("key", "passwd", "laptop", "--new-password-file", third)
      try await expectOpens(scene, [third], not: [second])
      try await computer.snap("key", "rm", "laptop")
      try await expectOpens(scene, [], not: [third])
      try await computer.snap("key", "rm", "nothing-like-this", exits: 2)
      let last = try await computer.json("key", "list").compactMap { $0.text("id") }
      try await computer.snap("key", "rm", try #require(last.first), exits: 25)
      try await computer.snap("key", "rm", try #require(last.first), "--yes")
      try await expectOpens(scene, [], not: [first])

      // The recovery key always opens, and gives a password again.
      let shown = try await computer.snap("key", "recovery")
      let key = try FileMaker.read(scene.file("recovery"))
      #expect(shown.output == key)
      try await computer.snap("key", "recovery", "--out", "copy")
      #expect(try FileMaker.read(scene.file("copy")) == key)
      #expect(FileMaker.mode(of: scene.file("copy")) == 0o100600)
      let other = try Computer(scene, "home2")
      let recovery = scene.file("recovery")
      try await other.snap(
        "--repo", "./repository", "key", "add", "--recovery-key-file", recovery,
        "--new-password-file", third)
      try await expectOpens(scene, [third], not: [])
    }

    private func expectOpens(
      _ scene: Scene, _ good: [String], not bad: [String],
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let stranger = try Computer(scene, "stranger")
      for (files, exit) in [(good, Int32(0)), (bad, 12)] {
        for file in files {
          try await stranger.snap(
            "--repo", "./repository", "key", "test", "--password-file", file, exits: exit,
            sourceLocation: sourceLocation)
        }
      }
    }

    @Test func aSecondComputerRestoresAndGoesOn() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      let password = try scene.write("password", "correct horse battery\n")
      try await computer.snap(
        "init", "repository", "--password-file", password, "--recovery-out", "recovery")
      try await computer.snap("backup", tree)
      let other = try Computer(scene, "home2")
      let key = ["--password-file", password]
      try await other.snap(
        "--repo", "./repository", "restore", "latest", "--to", "OUT", key[0], key[1])
      try await scene.expectSame(tree, scene.file("OUT/Photos"))
      let again = try await other.snap("--repo", "./repository", "backup", tree, key[0], key[1])
      #expect(again.text.contains("(0 B of new data)"), "\(again.text)")
      let listed = try await computer.snap("snapshots")
      #expect(listed.text.contains("2 of 2 shown"))
    }

    @Test func aKeyThatOnlyWritesWritesOnly() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      let password = try scene.write("password", "correct horse battery\n")
      let writing = try scene.write("writing", "only for writing\n")
      try await computer.snap(
        "init", "repository", "--password-file", password, "--recovery-out", "recovery")
      try await computer.snap("key", "add", "--role", "write", "--new-password-file", writing)
      let other = try Computer(scene, "home2")
      for _ in 0..<2 {
        try await other.snap(
          "--repo", "./repository", "backup", tree, "--password-file", writing)
      }
      let refused = try await other.snap(
        "--repo", "./repository", "restore", "latest", "--to", "NO", "--password-file", writing,
        exits: nil)
      #expect(refused.exit != 0 && refused.exit != 70, "\(refused.story)")
      let noKey = try await other.snap(
        "--repo", "./repository", "key", "recovery", "--password-file", writing, exits: 13)
      #expect(noKey.output.isEmpty)
      try await computer.snap("restore", "latest", "--to", "OUT")
      try await scene.expectSame(tree, scene.file("OUT/Photos"))
      try await computer.snap("verify", "--read-data")
    }

    @Test func secretsStayWhereTheyBelong() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      let password = "Xylo-phone-47-Quagmire"
      let marker = "MARKER-of-the-content-8d1f"
      let name = "MARKER-of-the-name-77aa"
      try scene.write("Photos/\(name)", String(repeating: marker + "\n", count: 200))
      try scene.write("Photos/short-\(name)", marker)
      let file = try scene.write("secrets/password", password + "\n")
      let recovery = scene.file("secrets/recovery")
      var shown = ""
      func run(_ result: ShellResult) { shown += result.text + result.errors }
      run(
        try await computer.snap(
          "init", "repository", "--password-file", file, "--recovery-out", recovery))
      let key = String(
        decoding: try FileMaker.read(recovery).filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      #expect(key.count > 60)
      run(try await computer.snap("backup", tree))
      run(try await computer.snap("backup", tree, variables: ["SNAP_PASSWORD": password]))
      run(try await computer.snap("snapshots", "--json"))
      run(try await computer.snap("verify", "--read-data"))
      run(try await computer.snap("key", "test", "--recovery-key-file", recovery))
      run(try await computer.snap("key", "list", "--password-file", file))
      run(try await computer.snap("restore", "latest:none", "--to", "OUT", exits: 23))
      run(
        try await computer.snap(
          "snapshots", variables: ["SNAP_PASSWORD": password + "x"], exits: 12))
      run(try await computer.snap("restore", "latest", "--to", "OUT"))
      for secret in [password, key, String(key.prefix(17))] {
        #expect(!shown.contains(secret), "in an output: \(secret)")
        try await expectNowhere(secret, [computer.home, scene.file("repository")], scene)
      }
      // This computer's cache knows its own names and shortest files; the repository none.
      #expect(!shown.contains(marker))
      for text in [marker, name, "Photos", scene.path] {
        try await expectNowhere(text, [scene.file("repository")], scene)
      }
      #expect(FileMaker.mode(of: computer.home + "/.cache/snap").map { $0 & 0o77 } == 0)
      // The search itself finds what is there.
      let found = try await Shell.run(
        [try Shell.tool("grep"), "-rlaF", "--", marker, tree], in: scene.path)
      #expect(found.text.contains(name))
    }

    private func expectNowhere(
      _ secret: String, _ folders: [String], _ scene: Scene,
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let found = try await Shell.run(
        [try Shell.tool("grep"), "-rlaF", "--", secret] + folders, in: scene.path)
      #expect(
        found.exit == 1, "\(secret) is in: \(found.text)\(found.errors)",
        sourceLocation: sourceLocation)
    }
  }
}
