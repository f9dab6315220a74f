// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

extension Scenarios {
  /// Parts of snapshots, earlier ones, listings, JSON; two backups at once.
  @Suite struct PartTests {
    @Test func restoresPartsOfEarlierSnapshots() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      let old = try await computer.backUp(tree)
      let oldID = try #require(old.text("snapshot"))
      try await Shell.script("cp -a Photos before", in: scene.path)
      try scene.write("Photos/list.txt", "three\n")
      try scene.write("Photos/2023/new.jpg", Scene.noise(5000))
      try await Shell.script("rm Photos/2023/b.jpg", in: scene.path)
      try await computer.snap("backup", tree)

      try await computer.snap("restore", "latest", "--to", "NOW")
      try await scene.expectSame(tree, scene.file("NOW/Photos"))
      for (number, name) in ["latest~1", oldID, String(oldID.prefix(8)), String(oldID.prefix(4))]
        .enumerated()
      {
        try await computer.snap("restore", name, "--to", "THEN\(number)")
        try await scene.expectSame(scene.file("before"), scene.file("THEN\(number)/Photos"))
      }
      try await computer.snap("restore", "latest~1:Photos/2023", "--to", "FOLDER")
      try await scene.expectSame(scene.file("before/2023"), scene.file("FOLDER/2023"))
      try await computer.snap("restore", "\(oldID.prefix(8)):\(tree)/list.txt", "--to", "FILE")
      #expect(try FileMaker.names(in: scene.file("FILE")) == ["list.txt"])
      #expect(try FileMaker.read(scene.file("FILE/list.txt")) == Array("one\ntwo\n".utf8))
      try await computer.snap("restore", "latest~1")
      try await scene.expectSame(
        scene.file("before"), scene.file("restored-\(oldID.prefix(8))/Photos"))
      for path in ["2023/a.jpg", "2023/summer/note.txt", "list.txt"] {
        let shown = try await computer.snap("cat", "latest:Photos/\(path)")
        #expect(try shown.output == FileMaker.read(scene.file("Photos/\(path)")))
      }
    }

    @Test func listsInTextAndJSON() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      try await Shell.script(
        "printf x > $'Photos/raw\\xff'; chmod 0640 Photos/list.txt", in: scene.path)
      let saved = try await computer.json("backup", tree, "--tag", "trip", "--note", "sea")
      #expect(saved.first?.text("type") == "start" && saved.first?.text("command") == "backup")
      let listed = try await computer.json("snapshots")
      let snapshot = try #require(listed.first { $0.text("type") == "snapshot" })
      #expect(snapshot.text("id") == saved.last?.text("snapshot"))
      #expect(snapshot.text("note") == "sea" && snapshot.number("files") == 5)
      #expect(try await computer.json("snapshots", "--tag", "other").count == 2)

      let entries = try await computer.json("ls", "-R", "latest:Photos")
        .filter { $0.text("type") == "entry" }
      #expect(entries.count == 9, "all but the folder itself")
      let list = entries.first { $0.text("path")?.hasSuffix("Photos/list.txt") == true }
      #expect(list?.number("size") == 8 && list?.number("mode") == 0o640)
      #expect(list?.text("kind") == "file" && list?.number("uid") != nil)
      #expect(entries.first { $0.text("kind") == "symlink" }?.text("target") == "2023/b.jpg")
      let long = try await computer.snap("ls", "-l", "-R", "latest:Photos")
      #expect(long.text.contains("-rw-r-----") && long.text.contains("-> 2023/b.jpg"))
      #expect(long.output.firstRange(of: Array("/raw".utf8) + [0xFF]) != nil, "raw bytes in a pipe")
      let short = try await computer.snap("ls", "latest")
      #expect(short.text.hasSuffix("Photos\n") && short.text.split(separator: "\n").count == 1)

      for command in ["verify", "version"] {
        #expect(try await computer.json(command).first?.text("command") == command)
      }
      let restored = try await computer.json("restore", "latest", "--to", "OUT")
      #expect(restored.last?.number("files") == 5)
      #expect(try await computer.json("key", "list").last?.text("type") == "result")
      let failed = try await computer.json("restore", "latest:none", exits: 23)
      #expect(failed.last?.text("slug") == "snapshot.unknown")
      _ = try await computer.json("backup", scene.file("none"), exits: 2)
      _ = try await computer.json("backup", "--no-such-option", exits: 2)
      let events = try await computer.json("backup", tree, "--progress", "json")
      #expect(events.last?.number("files_unchanged") == 5)
    }

    @Test func twoBackupsAtOnceBothSucceed() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let first = try scene.makeSmallTree("first")
      let second = try scene.makeSmallTree("second")
      try scene.write("first/large", Scene.noise(30_000_000))
      try await Shell.script("cp first/large second/large", in: scene.path)
      try scene.write("second/more", Scene.noise(20_000_000))
      // The repository exists: which of two inits wins is another matter.
      try await computer.snap("backup", "first/list.txt")
      for round in 0..<3 {
        async let one = computer.snap("backup", first)
        async let two = computer.snap("backup", second)
        let results = try await [one, two]
        #expect(results.allSatisfy { $0.text.hasPrefix("Saved ") })
        try scene.write("first/round", "\(round)")
        try scene.write("second/round", Scene.noise(3_000_000))
      }
      async let one = computer.backUp(first)
      async let two = computer.backUp(second)
      let ids = try await [one, two].compactMap { $0.text("snapshot") }
      #expect(ids.count == 2)
      try await computer.snap("restore", ids[0], "--to", "OUT1")
      try await computer.snap("restore", ids[1], "--to", "OUT2")
      try await scene.expectSame(first, scene.file("OUT1/first"))
      try await scene.expectSame(second, scene.file("OUT2/second"))
      let listed = try await computer.snap("snapshots")
      #expect(listed.text.contains("9 of 9 shown"), "\(listed.text)")
      try await computer.snap("verify", "--read-data")
    }

    @Test func twoFirstBackupsAtOnceBothSucceed() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      async let one = computer.snap("backup", tree)
      async let two = computer.snap("backup", tree)
      let results = try await [one, two]
      #expect(results.filter { $0.errors.contains("Recovery key saved") }.count == 1)
      #expect(try await computer.snap("snapshots").text.contains("2 of 2 shown"))
      try await computer.snap("restore", "latest", "--to", "OUT")
      try await scene.expectSame(tree, scene.file("OUT/Photos"))
      let other = try Computer(scene, "home2")
      try await other.snap(
        "--repo", computer.repository, "key", "test", "--recovery-key-file",
        computer.recoveryKeyFile)
    }
  }
}
