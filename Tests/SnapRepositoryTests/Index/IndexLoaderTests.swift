// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

@Suite struct IndexLoaderTests {
  private let files: Files = ["a": Array("one".utf8), "b": Array("two".utf8)]

  private func scene() async throws -> (bench: Bench, chunk: BlobID) {
    let bench = try await Bench()
    let repository = try await bench.open()
    _ = try await MiniBackup(repository: repository, clocks: bench.clocks).run(files)
    let id = try #require(try repository.ring.dedup?.dataIDs().id(of: Array("one".utf8)))
    return (bench, id)
  }

  @Test func blobsInCondemnedPacksAreUnknownButFound() async throws {
    let (bench, chunk) = try await scene()
    let view = try await bench.open().index()
    #expect(view.knows(chunk, in: .dataPack, relying: false))
    let pack = try #require(view.locations(of: chunk, in: .dataPack).first?.pack)
    let tombstone = try await TestCollector(bench).condemn([pack.id])
    let later = try await bench.open().index()
    #expect(!later.knows(chunk, in: .dataPack, relying: false))
    #expect(later.condemns(pack.id))
    #expect(!later.packs.contains(pack))
    #expect(later.locations(of: chunk, in: .dataPack).map(\.pack) == [pack])
    try await TestCollector(bench).remove(.tombstone, [tombstone])
    #expect(try await bench.open().index().knows(chunk, in: .dataPack, relying: false))
  }

  @Test func copiesInGoodPacksComeFirst() async throws {
    let (bench, chunk) = try await scene()
    let old = try #require(
      try await bench.open().index().locations(of: chunk, in: .dataPack).first?.pack)
    try await TestCollector(bench).condemn([old.id])
    _ = try await MiniBackup(repository: bench.open(), clocks: bench.clocks).run(files)
    let places = try await bench.open().index().locations(of: chunk, in: .dataPack)
    #expect(places.count == 2)
    #expect(places.last?.pack == old)
  }

  @Test func aDamagedSegmentIsReportedNotFatal() async throws {
    let (bench, chunk) = try await scene()
    bench.boot.value += 1
    _ = try await MiniBackup(repository: bench.open(), clocks: bench.clocks).run(["c": [9]])
    for name in bench.names("index/") {
      let other = try bench.copy()
      let object = try ObjectName(name)
      let bytes = try #require(other.backend[object])
      for damage in [[], Array(bytes.dropLast()), bytes.map { $0 ^ 1 }] {
        other.backend[object] = damage
        let view = try await other.open(computer: "new").index()
        #expect(view.damaged.map(\.object) == [name])
        #expect(view.blobCount > 0)
      }
    }
    #expect(try await bench.open().index().knows(chunk, in: .dataPack, relying: false))
  }

  @Test func aDamagedTombstoneCondemnsNothing() async throws {
    let (bench, chunk) = try await scene()
    let pack = try #require(
      try await bench.open().index().locations(of: chunk, in: .dataPack).first?.pack)
    let id = try await TestCollector(bench).condemn([pack.id])
    let name = try ObjectName(ObjectKind.tombstone.name(of: id))
    bench.backend[name] = [1, 2, 3]
    let view = try await bench.open().index()
    #expect(view.damaged.map(\.object) == [name.text])
    #expect(view.knows(chunk, in: .dataPack, relying: false))
  }

  @Test func segmentsThatVanishWhileTheyAreReadAreListedAgain() async throws {
    let (bench, chunk) = try await scene()
    for round in 0..<3 {
      bench.boot.value += 1
      _ = try await MiniBackup(
        repository: bench.open(), clocks: bench.clocks
      ).run(["c": [UInt8(round)]])
    }
    let isMerged = Shared(false)
    let faulty = FaultyBackend(
      bench.backend,
      before: { operation in
        guard operation.kind == .read, operation.target.hasPrefix("index/"),
          !isMerged.exchange(true)
        else { return }
        try? await TestCollector(bench).mergeSegments()
      })
    let view = try await bench.open(faulty, computer: "new").index()
    #expect(isMerged.value)
    #expect(view.knows(chunk, in: .dataPack, relying: false))
    #expect(view.damaged.isEmpty)
    #expect(faulty.operations.count { $0.target == "gone/" } == 2, "tombstones are listed again")
    #expect(bench.names("index/").count == 1)
  }

  @Test func anIndexThatNeverStandsStillIsAnError() async throws {
    let (bench, _) = try await scene()
    let faulty = FaultyBackend(
      bench.backend,
      before: { operation in
        guard operation.kind == .read, operation.target.hasPrefix("index/") else { return }
        // Stored anew under another name, again and again.
        let collector = TestCollector(bench)
        guard let all = try? await collector.segments() else { return }
        try? await collector.putSegment(all.groups)
        try? await collector.remove(.index, all.ids)
      })
    let repository = try await bench.open(faulty, computer: "new")
    #expect(await code { _ = try await repository.index() } == .storage)
  }

  @Test func aFailingStorageIsAnError() async throws {
    let (bench, _) = try await scene()
    for at in 1...3 {
      let faulty = FaultyBackend(bench.backend)
      let repository = try await bench.open(faulty, computer: "new\(at)")
      faulty.reset(.init(at: at, .before))
      #expect(await code { _ = try await repository.index() } == .storage, "call \(at)")
      _ = try await repository.index()
    }
  }

  @Test func theTableIsUsedWhileItsSegmentsAreListed() async throws {
    let (bench, chunk) = try await scene()
    func segmentReads() async throws -> Int {
      let faulty = FaultyBackend(bench.backend)
      let view = try await bench.open(faulty, computer: "t").index()
      #expect(view.knows(chunk, in: .dataPack, relying: false))
      return faulty.operations.count { $0.kind == .read && $0.target.hasPrefix("index/") }
    }
    #expect(try await segmentReads() == 1)
    #expect(try await segmentReads() == 0)
    bench.boot.value += 1
    _ = try await MiniBackup(repository: bench.open(), clocks: bench.clocks).run(["c": [9]])
    #expect(try await segmentReads() == 1, "only the new one")
    // Replaced segments make the table worthless.
    try await TestCollector(bench).mergeSegments()
    #expect(try await segmentReads() == 1)
    #expect(try await segmentReads() == 0)
  }
}
