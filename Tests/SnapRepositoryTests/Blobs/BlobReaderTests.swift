// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

/// Copies, a lost index, and collectors that move blobs while they are read.
@Suite struct BlobReaderTests {
  private let files: Files = ["a": Array("one".utf8), "b/c": Array("two".utf8)]

  private func scene() async throws -> (bench: Bench, id: ObjectID) {
    let bench = try await Bench()
    let report = try await MiniBackup(repository: bench.open(), clocks: bench.clocks).run(files)
    return (bench, report.id)
  }

  /// Changes one byte of each object below `prefix`.
  private func flip(_ bench: Bench, _ prefix: String, _ position: Int) throws {
    for name in bench.names(prefix) {
      let name = try ObjectName(name)
      var bytes = try #require(bench.backend[name])
      bytes[position] ^= 1
      bench.backend[name] = bytes
    }
  }

  private func read(_ bench: Bench, _ id: ObjectID) async throws -> (Files, damage: [String]) {
    let repository = try await bench.open(computer: "reader")
    let list = try await SnapshotList(repository)
    let root = try #require(list.snapshots.first { $0.id == id }?.snapshot.root)
    let reader = BlobReader(repository)
    var tree = TreeReader(root, reader: reader)
    var found: Files = [:]
    while let entry = try await tree.next() {
      var bytes: [UInt8] = []
      for chunk in entry.content.ids { bytes += try await reader.chunk(chunk) }
      found[String(decoding: entry.path, as: UTF8.self)] = bytes
    }
    return (found, (list.damaged + reader.damage).map(\.object))
  }

  @Test func damagedMetadataIsReadFromItsCopyAndNamed() async throws {
    let (bench, id) = try await scene()
    try flip(bench, "tree/", 100)
    try flip(bench, "snap/", 100)
    let (found, damage) = try await read(bench, id)
    #expect(found == files)
    #expect(Set(damage) == Set(bench.names("tree/") + bench.names("snap/")))
  }

  @Test func missingMetadataIsReadFromItsCopyAndNamed() async throws {
    let (bench, id) = try await scene()
    let gone = bench.names("tree/") + bench.names("snap/")
    for name in gone { bench.backend[try ObjectName(name)] = nil }
    let (found, damage) = try await read(bench, id)
    #expect(found == files)
    #expect(Set(damage) == Set(gone))
  }

  @Test(arguments: [false, true])
  func withoutAnIndexThePacksAreAsked(damagedOnly: Bool) async throws {
    let (bench, id) = try await scene()
    if damagedOnly {
      try flip(bench, "index/", 90)
    } else {
      for name in bench.names("index/") { bench.backend[try ObjectName(name)] = nil }
    }
    let (found, damage) = try await read(bench, id)
    #expect(found == files)
    #expect(damage == (damagedOnly ? bench.names("index/") : []))
  }

  @Test func aDamagedChunkWithoutACopyIsAnErrorThatNamesThePack() async throws {
    let (bench, _) = try await scene()
    try flip(bench, "data/", 89)
    let repository = try await bench.open()
    let reader = BlobReader(repository)
    let id = try #require(try repository.ring.dedup?.dataIDs().id(of: Array("one".utf8)))
    let other = try #require(try repository.ring.dedup?.dataIDs().id(of: Array("two".utf8)))
    await #expect {
      _ = try await reader.chunk(id)
    } throws: { error in
      (error as? RepositoryError)?.code == .damaged
        && (error as? RepositoryError)?.object == bench.names("data/").first
    }
    // Its neighbour in the pack is whole.
    #expect(try await reader.chunk(other) == Array("two".utf8))
  }

  @Test func blobsThatWereRepackedAreFoundAgain() async throws {
    let (bench, _) = try await scene()
    let reading = try await bench.open(computer: "reader")
    _ = try await reading.index()
    let reader = BlobReader(reading)
    // The same chunks in a new pack; the old one is swept.
    let old = try await TestCollector(bench).segments()
    let packs = old.groups.filter { $0.kind == .dataPack }
    try await TestCollector(bench).condemn(packs.map(\.pack))
    let report = try await MiniBackup(
      repository: bench.open(computer: "collector"), clocks: bench.clocks
    ).run(files)
    #expect(report.progress.newBytes > 0)
    try await TestCollector(bench).putSegment(old.groups.filter { $0.kind != .dataPack })
    try await TestCollector(bench).remove(.index, old.ids)
    try await TestCollector(bench).sweep(packs)
    for text in ["one", "two"] {
      let id = try #require(try reading.ring.dedup?.dataIDs().id(of: Array(text.utf8)))
      #expect(try await reader.chunk(id) == Array(text.utf8))
    }
    // That is no damage.
    #expect(reader.damage.isEmpty)
  }

  @Test func aPackThatIsReallyGoneIsNamed() async throws {
    let (bench, _) = try await scene()
    let reader = BlobReader(try await bench.open(computer: "reader"))
    let gone = try #require(bench.names("data/").first)
    bench.backend[try ObjectName(gone)] = nil
    let id = try #require(try bench.ring.dedup?.dataIDs().id(of: Array("one".utf8)))
    #expect(await code { _ = try await reader.chunk(id) } == .damaged)
    #expect(reader.damage.map(\.object) == [gone])
  }
}
