// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFormat
import SnapRepository
import SnapStorage
import SnapTesting
import Testing

@testable import SnapOperations

/// Conflicts, interruptions, damage.
@Suite struct RestoreTests {
  private func scene(_ count: Int = 10) async throws -> (OperationBench, BackupReport) {
    var random = SeededRandom(seed: 111)
    let bench = try await OperationBench()
    try FileMaker.makeDirectory(bench.source + "/d")
    for i in 0..<count {
      try FileMaker.write(
        random.bytes(i % 4 == 0 ? 200 : 30_000), to: "\(bench.source)/d/\(i)")
    }
    try FileMaker.makeLink(bench.source + "/link", to: "d")
    return (bench, try await bench.backup(bench.open()))
  }

  @Test func aTargetWithOtherContentIsRefused() async throws {
    let (bench, report) = try await scene()
    try FileMaker.makeDirectory(bench.folder.file("out"))
    try FileMaker.write("mine", to: bench.folder.file("out/file"))
    await #expect {
      try await bench.restore(report.id, bench.open(), to: "out")
    } throws: { ($0 as? RestoreConflict)?.isOtherSnapshot == false }
    #expect(try FileMaker.names(in: bench.folder.file("out")) == ["file"])
  }

  @Test func whatAnotherRestoreBeganIsRefused() async throws {
    let (bench, report) = try await scene()
    let second = try await bench.backup(bench.open())
    try await interrupt(bench, report.id, at: 4)
    await #expect {
      try await bench.restore(second.id, bench.open(), to: "out")
    } throws: { ($0 as? RestoreConflict)?.isOtherSnapshot == true }
    // The one that was begun goes on.
    _ = try await bench.restore(report.id, bench.open(), to: "out")
    #expect(try bench.isSame("out"))
  }

  /// A restore to `out` whose storage fails at the `at`-th read.
  @discardableResult
  private func interrupt(
    _ bench: OperationBench, _ id: ObjectID?, at: Int
  ) async throws -> Bool {
    let faulty = FaultyBackend(
      bench.backend, .init(at: at, .before, stopsForever: true, kinds: [.read]))
    do {
      let repository = try await bench.open(faulty, computer: "restorer")
      _ = try await bench.restore(id, repository, to: "out")
    } catch {}
    return faulty.hasFailed
  }

  @Test func anInterruptedRestoreGoesOn() async throws {
    let (bench, report) = try await scene(24)
    var kept: UInt64 = 0
    for at in 1... {
      guard try await interrupt(bench, report.id, at: at) else { break }
      // Something half written, as a kill leaves it.
      if FileMaker.exists(bench.folder.file("out/source/d")) {
        try FileMaker.write(
          "half", to: bench.folder.file("out/source/d/.snap-0123456789abcdef"))
      }
      let restored = try await bench.restore(report.id, bench.open(), to: "out")
      kept += restored.kept
      #expect(try bench.isSame("out"), "interrupted at read \(at)")
      #expect(restored.files == 24)
      try Nodes.remove(bench.folder.file("out"))
    }
    // Once more with a target that is nearly whole: only what differs is fetched.
    try await interrupt(bench, report.id, at: .max)
    #expect(try bench.isSame("out"))
    let marker = "\(try required(report.id))\n"
    try FileMaker.write(marker, to: bench.folder.file("out/.snap-restore"))
    try FileMaker.write("changed", to: bench.folder.file("out/source/d/1"))
    try FileMaker.remove(bench.folder.file("out/source/d/2"))
    let again = try await bench.restore(report.id, bench.open(), to: "out")
    #expect(again.kept == 22)
    #expect(try bench.isSame("out"))
  }

  @Test func aDamagedBlobCostsOnlyItsFiles() async throws {
    let (bench, report) = try await scene()
    let memory = try bench.memory
    let repository = try await bench.open()
    let chunk = try bench.ring.dedup?.dataIDs().id(of: FileMaker.read(bench.source + "/d/1"))
    let place = try required(
      try await repository.index().locations(of: required(chunk), in: .dataPack).first)
    let name = try ObjectName(place.pack.name)
    var bytes = try required(memory[name])
    bytes[Int(place.offset)] ^= 1
    memory[name] = bytes
    let restored = try await bench.restore(report.id, repository, to: "out")
    #expect(restored.damaged.count == 1)
    #expect(restored.damaged.first?.path.suffix(4) == Array("/d/1".utf8)[...])
    #expect(restored.files == 9)
    var expected = try Nodes.read(bench.source)
    expected["d/1"] = nil
    var found = try Nodes.read(bench.folder.file("out/source"))
    // A file is missing, so the folder's time is all the same that of the snapshot.
    #expect(found["d"] == expected["d"])
    found["d"] = nil
    expected["d"] = nil
    #expect(found == expected)
  }

  @Test func aLostPackCostsOnlyItsFiles() async throws {
    let (bench, report) = try await scene()
    for name in try await bench.names("data/") {
      try await bench.backend.remove(ObjectName(name))
    }
    let restored = try await bench.restore(report.id, bench.open(), to: "out")
    // Those that stand in their entries are whole.
    #expect(restored.files == 3 && restored.damaged.count == 7)
    let names = try FileMaker.names(in: bench.folder.file("out/source/d"))
    #expect(names == ["0", "4", "8"])
  }

  @Test func damagedMetadataWithACopyCostsNothing() async throws {
    let (bench, report) = try await scene()
    let memory = try bench.memory
    for prefix in ["tree/", "snap/", "index/"] {
      for name in try await bench.names(prefix) {
        var bytes = try required(memory[try ObjectName(name)])
        bytes[90] ^= 1
        memory[try ObjectName(name)] = bytes
      }
    }
    let restored = try await bench.restore(report.id, bench.open(computer: "b"), to: "out")
    #expect(restored.damaged.isEmpty)
    #expect(!restored.repaired.isEmpty)
    #expect(try bench.isSame("out"))
  }

  @Test func aLostAttributeDoesNotEndTheRestore() async throws {
    let bench = try await OperationBench()
    let repository = try await bench.open()
    var lost = Content()
    lost.ids = [try required(BlobID([UInt8](repeating: 7, count: 32)))]
    lost.lengths = [2000]
    let attribute = ExtendedAttribute(name: Array("user.note".utf8), content: lost)
    var directory = RawSnapshot.directory("d")
    directory.xattrs = [attribute]
    var file = RawSnapshot.file("d/file")
    file.xattrs = [attribute]
    var link = RawSnapshot.link("d/link", "x")
    link.xattrs = [attribute]
    var raw = RawSnapshot(bench: bench, repository: repository)
    raw.paths = [Array("/".utf8)]
    let id = try await raw.commit([directory, file, RawSnapshot.file("d/good"), link])
    let restored = try await bench.restore(id, repository, to: "out")
    #expect(FileMaker.exists(bench.folder.file("out/d/good")))
    #expect(!FileMaker.exists(bench.folder.file("out/.snap-restore")))
    let named = Set(restored.damaged.map { String(decoding: $0.path, as: UTF8.self) })
    #expect(named == ["d", "d/file", "d/link"])
  }

  @Test func aLostTreeNodeCostsOnlyWhatIsBelowIt() async throws {
    let bench = try await OperationBench()
    for i in 0..<3000 {
      if i % 300 == 0 { try FileMaker.makeDirectory("\(bench.source)/d\(i / 300)") }
      try FileMaker.write("\(i)", to: "\(bench.source)/d\(i / 300)/\(i)")
    }
    let report = try await bench.backup(bench.open())
    let memory = try bench.memory
    let repository = try await bench.open()
    let root = try required(report.snapshot.root)
    #expect(root.level > 0)
    let node = try TreeNode(decoding: await BlobReader(repository).metadata(root.id))
    let child = node.children[node.children.count / 2]
    let place = try required(
      try await repository.index().locations(of: child.id, in: .treePack).first)
    for name in BlobReader.names(of: place.pack) {
      var bytes = try required(memory[try ObjectName(name)])
      bytes[Int(place.offset)] ^= 1
      memory[try ObjectName(name)] = bytes
    }
    let restored = try await bench.restore(report.id, repository, to: "out")
    #expect(restored.damaged.count == 1)
    #expect(restored.files < 3000 && restored.files >= 3000 - child.entryCount)
    let found = try Nodes.read(bench.folder.file("out/source"))
    let expected = try Nodes.read(bench.source)
    #expect(found.allSatisfy { expected[$0.key]?.content == $0.value.content })
  }

  @Test func aPathThatIsNotInTheSnapshotIsAnError() async throws {
    let (bench, report) = try await scene()
    await #expect(throws: RepositoryError.self) {
      try await bench.restore(report.id, bench.open(), path: Array("no/such".utf8), to: "out")
    }
  }

  @Test func lesserRolesRestoreNothing() async throws {
    let (bench, report) = try await scene()
    let full = try await SnapshotList(bench.open())
    let snapshot = try required(full.snapshots.first { $0.id == report.id })
    for role in [Role.metadata, .writeOnly] {
      let repository = try await bench.open(
        computer: role.rawValue, ring: bench.ring.reduced(to: role))
      let restore = Restore(
        RestoreOptions(snapshot: snapshot, target: bench.folder.file("out")),
        from: repository, pool: OperationBench.pool, events: { _ in })
      await #expect { try await restore.run() } throws: {
        ($0 as? RepositoryError)?.code == .notAllowed
      }
    }
    #expect(!FileMaker.exists(bench.folder.file("out")))
  }
}
