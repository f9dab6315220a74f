// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

extension Scenarios {
  /// Every kind of entry comes back as it was: by snap, and by the independent reader.
  ///
  /// Birth times are stored too, but nothing on Linux can set one, so no restore shows them.
  @Suite struct EveryKindTests {
    @Test func everyKindComesBack() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try await EveryKind.make(scene, "tree")
      let result = try await computer.backUp(tree)
      #expect(result.number("sockets") == 1, "the socket is counted")
      try await computer.snap("restore", "latest", "--to", "OUT")
      #expect(!FileMaker.exists(scene.file("OUT/tree/socket")), "and not stored")
      try FileMaker.remove(tree + "/socket")
      try await Shell.script("touch -r OUT/tree tree", in: scene.path)
      try await scene.expectSame(tree, scene.file("OUT/tree"))
      try await expectSameAttributes(tree, scene.file("OUT/tree"), scene)
      try await computer.snap("verify", "--read-data")

      // Nothing of it counts as changed the next time, but the folder that lost its socket.
      let second = try await computer.backUp(tree)
      #expect(second.number("files_changed") == 0)
      #expect(second.number("files_new") == 0)
      #expect(second.number("bytes_new") == 0)
    }

    @Test func pathsBeyondTheSystemsLimitComeBack() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let deep = try EveryKind.makeDeep(scene, "deep")
      try await computer.snap("backup", deep)
      try await computer.snap("restore", "latest", "--to", "OUT")
      let look = try TreeLook(deep)
      #expect(look.entries.count == 303)
      #expect(look.entries.keys.contains { $0.count > 4096 })
      #expect(try look.differences(to: TreeLook(scene.file("OUT/deep"))) == [])
      let again = try await computer.backUp(deep)
      #expect(again.number("files_unchanged") == look.entries.values.filter { $0.isFile }.count)
    }

    @Test func hugeAttributesComeBack() async throws {
      guard Scene.isRoot else { return Scene.notTested("attributes of 60 KiB") }
      let scene = try Scene()
      let computer = try Computer(scene)
      // ext4 keeps only some kilobytes of attributes; a file system in memory keeps more.
      let disk = try scene.makeFolder("disk")
      try await Shell.script(
        """
        mount -t tmpfs -o size=16m none "$PWD"; cd "$PWD"
        mkdir tree; printf x > tree/file
        for i in 1 2 3; do
          setfattr -n trusted.big$i -v "0x$(printf "b$i%.0s" $(seq 20000))" tree/file
        done
        setfattr -n trusted.folder -v "0x$(printf 'c4%.0s' $(seq 9000))" tree
        """, in: disk)
      try await computer.snap("backup", "disk/tree")
      try await computer.snap("restore", "latest", "--to", "disk/OUT")
      try await scene.expectSame(disk + "/tree", disk + "/OUT/tree")
      try await expectSameAttributes(disk + "/tree", disk + "/OUT/tree", scene)
      let again = try await computer.backUp("disk/tree")
      #expect(again.number("files_unchanged") == 1)
    }

    @Test func theIndependentReaderRestoresTheSame() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try await EveryKind.make(scene, "tree")
      let password = try scene.write("password", "correct horse battery\n")
      try await computer.snap(
        "init", "repository", "--password-file", password, "--recovery-out", "recovery")
      try FileMaker.remove(tree + "/socket")
      try await computer.snap("backup", tree)
      let byPassword = ["--password-file", password]
      let byRecoveryKey = ["--recovery-key-file", scene.file("recovery")]
      let check = try await read(scene, byPassword, ["check", "--read-data"])
      #expect(check.exit == 0, "\(check.story)")
      try await restoreWithReader(scene, tree, byPassword, "out1")
      try await restoreWithReader(scene, tree, byRecoveryKey, "out2")
      try await Shell.script("rm -rf repository/index repository/keys", in: scene.path)
      try await restoreWithReader(scene, tree, byRecoveryKey, "out3", ["--no-index"])
      let wrong = try scene.write("wrong", "not the password\n")
      let refused = try await read(scene, ["--password-file", wrong], ["snapshots"])
      #expect(refused.exit != 0)
    }

    private func restoreWithReader(
      _ scene: Scene, _ tree: String, _ key: [String], _ out: String, _ more: [String] = []
    ) async throws {
      let done = try await read(scene, key, ["restore", "latest", scene.file(out)] + more)
      #expect(done.exit == 0, "\(done.story)")
      try await scene.expectSame(tree, scene.file("\(out)/tree"))
      try await expectSameAttributes(tree, scene.file("\(out)/tree"), scene)
    }

    private func read(
      _ scene: Scene, _ key: [String], _ words: [String]
    ) async throws -> ShellResult {
      let script = Computer.root() + "/Tests/Reader/snap_reader.py"
      return try await Shell.run(
        [try Computer.readerPython(), "-B", script, scene.file("repository")] + key + words,
        in: scene.path)
    }

    /// Expects the same attributes and lists of everything, as their own tools print them.
    private func expectSameAttributes(
      _ original: String, _ copy: String, _ scene: Scene
    ) async throws {
      for words in [["getfattr", "-R", "-h", "-d", "-m", "-", "-e", "hex"], ["getfacl", "-RPn"]] {
        var listings: [String] = []
        for top in [original, copy] {
          let result = try await Shell.run(
            [try Shell.tool(words[0])] + words.dropFirst() + ["."], in: top)
          #expect(result.exit == 0, "\(result.story)")
          listings.append(result.text)
        }
        #expect(listings[0] == listings[1])
        #expect(!listings[0].isEmpty)
      }
    }
  }
}
