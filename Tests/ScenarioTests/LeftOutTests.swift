// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

extension Scenarios {
  /// What a backup leaves out, and that the report counts it.
  @Suite struct LeftOutTests {
    @Test func patternsLeaveOut() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      for name in [
        "a.txt", "a.log", "keep.log", "build/out.o", "sub/b.txt", "sub/b.log", "sub/deep/c.tmp",
        "sub/deep/important.tmp", "sub/deep/c.txt", "#odd", "old/a", "old/b", "other/old",
      ] {
        try scene.write("tree/\(name)", "content of \(name)\n")
      }
      try scene.write("tree/.snapignore", "# a comment\n*.log\n!keep.log\n/build/\n\\#odd\n")
      try scene.write("tree/sub/.snapignore", "deep/*.tmp\n!important.tmp\n")
      let patterns = try scene.write("patterns", "/nothing\nold/\n")
      let saved = try await computer.json(
        "backup", "tree", "--exclude", "b.txt", "--exclude-file", patterns)
      #expect(
        try await names(computer) == [
          "tree", "tree/.snapignore", "tree/a.txt", "tree/keep.log", "tree/other",
          "tree/other/old", "tree/sub", "tree/sub/.snapignore", "tree/sub/deep",
          "tree/sub/deep/c.txt", "tree/sub/deep/important.tmp",
        ])
      #expect((saved.last?.number("excluded") ?? 0) >= 7)
      let wrong = try await computer.snap("backup", "tree", "--exclude", "[a", exits: nil)
      #expect(wrong.exit == 0 || wrong.exit == 2)
      try await computer.snap("backup", "tree", "--exclude-file", "not-there", exits: nil)
    }

    @Test func cachesAndTheRepositoryItselfStayOut() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      try scene.makeSmallTree("home/Photos")
      let tag = "Signature: 8a477f597d28d172789f06886806bc55\n# a cache\n"
      try scene.write("home/cache/CACHEDIR.TAG", tag)
      try scene.write("home/cache/inside/file", "left out")
      try scene.write("home/fake/CACHEDIR.TAG", "no signature\n")
      try scene.write("home/fake/file", "kept")
      try scene.write("home/node_modules/.cache/file", "kept whatever its name")
      try await computer.snap("backup", "home")
      let second = try await computer.snap("backup", "home")
      #expect(second.text.contains("cache folder"), "\(second.text)")
      #expect(second.text.contains("repository folder"), "\(second.text)")
      let found = try await names(computer)
      #expect(found.contains("home/cache/CACHEDIR.TAG") && !found.contains("home/cache/inside"))
      #expect(found.contains("home/fake/file"))
      #expect(found.contains("home/node_modules/.cache/file"))
      #expect(found.contains("home/Photos/2023/summer/note.txt"))
      #expect(!found.contains { $0.hasPrefix("home/.local/share/snap/repository/") })
      let cache = found.filter { $0.hasPrefix("home/.cache/snap/") }
      #expect(cache.allSatisfy { $0.hasSuffix("CACHEDIR.TAG") })
      #expect(!found.contains { $0.hasPrefix("home/.local/state/snap/") })

      try await computer.snap("backup", "home", "--no-default-excludes")
      let all = try await names(computer)
      #expect(all.contains("home/cache/inside/file"))
      #expect(!all.contains { $0.hasPrefix("home/.local/share/snap/repository/") })
    }

    @Test func aLinkAsRootIsFollowed() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      try scene.makeSmallTree("disk/real")
      try FileMaker.makeLink(scene.file("link"), to: "disk/real")
      let saved = try await computer.snap("backup", "link")
      #expect(saved.errors.contains("link is a link to \(scene.file("disk/real"))"))
      let found = try await names(computer)
      #expect(found.contains("real/list.txt") && !found.contains { $0.hasPrefix("link") })
      try await computer.snap("restore", "latest", "--to", "OUT")
      try await scene.expectSame(scene.file("disk/real"), scene.file("OUT/real"))
    }

    @Test func otherFileSystemsStayOut() async throws {
      guard Scene.isRoot else { return Scene.notTested("--one-file-system (a mount is needed)") }
      let scene = try Scene()
      let computer = try Computer(scene)
      try scene.makeSmallTree()
      let mounted = try scene.makeFolder("Photos/mounted")
      try await Shell.script("mount -t tmpfs -o size=1m none '\(mounted)'", in: "/")
      try scene.write("Photos/mounted/file", "on another file system")
      try await computer.snap("backup", "Photos", "-x")
      let one = try await names(computer)
      #expect(one.contains("Photos/mounted") && !one.contains("Photos/mounted/file"))
      try await computer.snap("backup", "Photos")
      #expect(try await names(computer).contains("Photos/mounted/file"))
    }

    /// The paths of the newest snapshot, below the folder of the scene.
    private func names(_ computer: Computer) async throws -> [String] {
      let objects = try await computer.json("ls", "-R", "latest")
      let paths = objects.compactMap { $0.text("type") == "entry" ? $0.text("path") : nil }
      let above = computer.directory.dropFirst()
      return paths.compactMap { path in
        guard path.hasPrefix(above + "/") else { return nil }
        let name = path.dropFirst(above.count + 1)
        return name.hasPrefix("disk/") ? String(name.dropFirst(5)) : String(name)
      }
    }
  }
}
