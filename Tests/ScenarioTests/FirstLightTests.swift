// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

extension Scenarios {
  /// The first minutes of a newcomer: nothing is configured, nobody can be asked.
  @Suite struct FirstLightTests {
    @Test func backsUpAndRestoresOutOfNothing() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let photos = try scene.makeSmallTree()
      let first = try await computer.snap("backup", photos)
      let key = computer.recoveryKeyFile
      let notes = first.errors.split(separator: "\n")
      #expect(notes.count == 3, "three lines about the recovery key: \(first.errors)")
      #expect(notes.first?.contains(key) == true, "where it lies")
      #expect(first.errors.contains("elsewhere"), "that a copy belongs elsewhere")
      #expect(first.errors.contains("snap key add"), "how to add a password")
      #expect(FileMaker.mode(of: key) == 0o100600)
      let lines = first.text.split(separator: "\n")
      #expect(lines.first?.hasPrefix("Saved ") == true, "\(first.text)")
      #expect(
        lines.last?.contains("same disk") == true && lines.last?.contains("snap init") == true,
        "the last line says that a second place protects more: \(first.text)")

      let listed = try await computer.snap("snapshots")
      #expect(listed.text.contains("1 of 1 shown") && listed.text.contains("Photos"))
      try await computer.snap("restore", "latest", "--to", "OUT")
      try await scene.expectSame(photos, scene.file("OUT/Photos"))

      let second = try await computer.snap("backup", photos)
      #expect(second.text.contains("new 0   changed 0   unchanged 4"), "\(second.text)")
      #expect(!second.errors.contains("ecovery"), "told once: \(second.errors)")
      let result = try await computer.backUp(photos)
      #expect(result.number("files_unchanged") == 4)
      #expect(result.number("files_new") == 0)
    }

    @Test func worksWithRelativePathsAndSeveralRoots() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      try scene.makeSmallTree("a/Photos")
      try scene.makeSmallTree("b/Photos")
      try scene.write("single.txt", "alone\n")
      try await computer.snap("backup", "a/Photos", "b/Photos/", "single.txt")
      try await computer.snap("restore", "latest", "--to", "OUT")
      try await scene.expectSame(scene.file("a/Photos"), scene.file("OUT/a/Photos"))
      try await scene.expectSame(scene.file("b/Photos"), scene.file("OUT/b/Photos"))
      #expect(try FileMaker.read(scene.file("OUT/single.txt")) == Array("alone\n".utf8))
      #expect(try FileMaker.names(in: scene.file("OUT")).sorted() == ["a", "b", "single.txt"])
    }

    @Test func takesThePasswordFromTheEnvironment() async throws {
      let scene = try Scene()
      let photos = try scene.makeSmallTree()
      let file = try scene.write("password", "correct horse battery\n")
      let ways = [
        ["SNAP_PASSWORD_FILE": file], ["SNAP_PASSWORD": "correct horse battery"],
        ["SNAP_PASSWORD_COMMAND": "cat '\(file)'"],
      ]
      for (number, variables) in ways.enumerated() {
        let computer = try Computer(scene, "home\(number)")
        try await computer.snap("backup", photos, variables: variables)
        let other = try Computer(scene, "other\(number)")
        try await other.snap(
          "--repo", computer.repository, "key", "test", "--password-file", file)
        // This computer remembers the keys: no variable is needed any more.
        try await computer.snap("snapshots")
      }
    }

    @Test func aJobDoesNotInventARepository() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let photos = try scene.makeSmallTree()
      try await computer.snap(
        "backup", photos, variables: ["INVOCATION_ID": "0123"], exits: 10)
      #expect(!FileMaker.exists(computer.repository))
    }
  }
}
