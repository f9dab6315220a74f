// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting
import Testing

extension Scenarios {
  /// Damage to single objects, and the loss of whole folders.
  @Suite struct DamageTests {
    @Test func aFlippedByteInAnyObjectIsNamedAndHarmsNoFileWrongly() async throws {
      let place = try await Place()
      var random = SeededRandom.fresh()
      let objects = try Objects(place.repository)
      let folders = Set(objects.names.map { $0.prefix { $0 != "/" } })
      #expect(
        folders == [
          "SNAP-REPOSITORY", "conf", "data", "index", "keys", "mirror", "pend", "snap", "tree",
        ])
      try await place.computer.snap("verify", "--read-data")
      for name in objects.names {
        let length = objects.lengths[name] ?? 0
        let position = Int.random(in: 0..<length, using: &random)
        let story = "byte \(position) of \(length) of \(name), \(random)"
        try place.flip(name, at: position)
        let verified = try await place.fresh().snap("verify", "--read-data", exits: nil)
        #expect(verified.signal == nil && ![0, 70].contains(verified.exit), "\(story)")
        let shown = verified.text + verified.errors
        #expect(shown.contains(name.lastPart), "names it: \(story)\n\(verified.story)")
        try await expectHarmlessRestore(place, name, story)
        try place.flip(name, at: position)
      }
      try await place.fresh().snap("verify", "--read-data")
    }

    private func expectHarmlessRestore(
      _ place: Place, _ name: String, _ story: String
    ) async throws {
      let out = place.scene.file("OUT")
      let restored = try await place.fresh().snap("restore", "latest", "--to", out, exits: nil)
      let seen = try await place.scene.differences(place.tree, out + "/Photos")
      let lines = seen.split(separator: "\n")
      if restored.exit == 0 {
        #expect(seen.isEmpty, "\(story)\n\(seen)")
      } else {
        #expect(restored.exit == 21, "\(story)\n\(restored.story)")
        #expect(name.hasPrefix("data/"), "only data may cost files: \(story)\n\(restored.story)")
        // What is there is right: only whole files are missing, and their folders' times differ.
        #expect(
          !lines.isEmpty && lines.allSatisfy { $0.hasPrefix(">f+++") || $0.hasPrefix(".d..t") },
          "\(story)\n\(seen)")
        for line in lines where line.hasPrefix(">f+++") {
          let file = String(line.split(separator: " ").last ?? "")
          #expect(restored.errors.contains(file), "names \(file): \(story)\n\(restored.story)")
        }
      }
      try await Shell.script("rm -rf OUT", in: place.scene.path)
    }

    @Test func withoutAnyIndexEverythingRestores() async throws {
      let place = try await Place()
      try await Shell.script("rm -rf '\(place.repository)/index'", in: place.scene.path)
      try await place.fresh().snap("restore", "latest", "--to", "OUT")
      try await place.scene.expectSame(place.tree, place.scene.file("OUT/Photos"))
      // A backup goes on. It counts on indexed blobs only, so it may store some again.
      try await place.fresh().snap("backup", place.tree)
      try await place.fresh().snap("restore", "latest", "--to", "OUT2")
      try await place.scene.expectSame(place.tree, place.scene.file("OUT2/Photos"))
      try await place.fresh().snap("verify", "--read-data")
    }

    @Test func withoutKeysTheRecoveryKeyOpens() async throws {
      let place = try await Place()
      try await Shell.script("rm -rf '\(place.repository)/keys'", in: place.scene.path)
      let other = try Computer(place.scene, "home2")
      let recovery = ["--recovery-key-file", place.scene.file("recovery")]
      try await other.snap("--repo", place.repository, "key", "test", recovery[0], recovery[1])
      try await other.snap(
        "--repo", place.repository, "restore", "latest", "--to", "OUT", recovery[0], recovery[1])
      try await place.scene.expectSame(place.tree, place.scene.file("OUT/Photos"))
    }

    @Test func withoutMarkerOrConfigurationOrMirrorsEverythingRestores() async throws {
      let place = try await Place()
      for (number, lost) in ["SNAP-REPOSITORY", "conf", "mirror", "snap", "tree"].enumerated() {
        let path = "\(place.repository)/\(lost)"
        try await Shell.script("mv '\(path)' kept", in: place.scene.path)
        let result = try await place.fresh().snap(
          "restore", "latest", "--to", "OUT\(number)", exits: nil)
        #expect(result.exit == 0, "without \(lost): \(result.story)")
        if result.exit == 0 {
          try await place.scene.expectSame(place.tree, place.scene.file("OUT\(number)/Photos"))
        }
        let verified = try await place.fresh().snap("verify", exits: 20)
        #expect((verified.text + verified.errors).contains(lost), "\(verified.story)")
        try await Shell.script("mv kept '\(path)'", in: place.scene.path)
      }
    }

    @Test func aMissingPackIsNoticedWithoutReading() async throws {
      let place = try await Place()
      let packs = try Objects(place.repository).names.filter { $0.hasPrefix("data/") }
      for pack in packs {
        try await Shell.script("mv '\(place.repository)/\(pack)' kept", in: place.scene.path)
        let verified = try await place.fresh().snap("verify", exits: 21)
        #expect((verified.text + verified.errors).contains(pack.lastPart))
        try await Shell.script("mv kept '\(place.repository)/\(pack)'", in: place.scene.path)
      }
      #expect(!packs.isEmpty)
    }

    @Test func cutObjectsAreNoticed() async throws {
      let place = try await Place()
      let objects = try Objects(place.repository)
      for name in objects.names {
        let path = "\(place.repository)/\(name)"
        let whole = try FileMaker.read(path)
        try FileMaker.setLength(whole.count / 2, of: path)
        let verified = try await place.fresh().snap("verify", exits: nil)
        #expect(verified.signal == nil && ![0, 70].contains(verified.exit), "half of \(name)")
        #expect(
          (verified.text + verified.errors).contains(name.lastPart),
          "half of \(name): \(verified.story)")
        try FileMaker.write(whole, to: path)
      }
    }
  }
}

/// A small repository with an object of every kind, also of a backup that was killed.
private struct Place {
  let scene: Scene
  let computer: Computer
  let tree: String
  let repository: String

  init() async throws {
    let scene = try Scene()
    let computer = try Computer(scene)
    let repository = scene.file("repository")
    let password = try scene.write("password", "correct horse battery\n")
    try await computer.snap(
      "init", "repository", "--password-file", password, "--recovery-out", "recovery")
    tree = try scene.makeSmallTree()
    try await computer.snap("backup", tree)
    try await Place.killBackup(scene, computer, repository)
    self.scene = scene
    self.computer = computer
    self.repository = repository
  }

  /// Leaves an announcement behind.
  private static func killBackup(
    _ scene: Scene, _ computer: Computer, _ repository: String
  ) async throws {
    try scene.write("other", Scene.noise(40_000_000))
    let running = try computer.start("backup", scene.file("other"))
    while running.isAlive {
      let names = try Objects(repository).names
      if names.contains(where: { $0.hasPrefix("pend/") }) { running.kill() }
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  /// The same computer without what it could remember of the repository's objects.
  func fresh() async throws -> Computer {
    try await Shell.script("rm -rf '\(computer.home)/.cache'", in: scene.path)
    return computer
  }

  /// Flips one bit of each half of a byte.
  func flip(_ name: String, at position: Int) throws {
    var bytes = try FileMaker.read("\(repository)/\(name)")
    bytes[position] ^= 0x21
    try FileMaker.write(bytes, to: "\(repository)/\(name)")
  }
}

extension String {
  /// What follows the last slash.
  fileprivate var lastPart: String { String(split(separator: "/").last ?? "") }
}
