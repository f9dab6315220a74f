// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapLock
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

@Suite struct BlobWriterTests {
  private struct Outcome: Sendable {
    var new = 0
    var openMost = 0
  }

  /// Stores all chunks in its own order, and metadata of the same bytes beside them.
  private static func store(
    _ chunks: [[UInt8]], _ writer: BlobWriter, _ seed: UInt64
  ) async throws -> Outcome {
    var random = SeededRandom(seed: seed)
    let worker = try writer.worker()
    var outcome = Outcome()
    for (number, chunk) in chunks.shuffled(using: &random).enumerated() {
      let data = MetadataBlob(id: try worker.dataIDs.id(of: chunk), bytes: chunk)
      if try await writer.store(chunk: data, worker: worker).isNew { outcome.new += 1 }
      let tree = MetadataBlob(id: try worker.treeIDs.id(of: chunk), bytes: chunk)
      if try await writer.store(tree, worker: worker).isNew { outcome.new += 1 }
      let open = writer.state.with { $0.packs.map(\.open.count).max() ?? 0 }
      outcome.openMost = max(outcome.openMost, open)
      if number % 7 == 0 { await Task.yield() }
    }
    return outcome
  }

  /// Every pack that was written is named once, and its own directory says the same.
  private func checkPacks(_ bench: Bench, comment: Comment) async throws -> [IndexGroup] {
    let repository = try await bench.open(computer: "other")
    let groups = try await TestCollector(bench).segments().groups
    let names = groups.map { $0.kind.name(of: $0.pack) }
    #expect(Set(names).count == names.count, comment)
    #expect(Set(names) == Set(bench.names("data/") + bench.names("tree/")), comment)
    for (group, name) in zip(groups, names) {
      let bytes = try #require(bench.backend[try ObjectName(name)])
      try ObjectTail.check(bytes)
      let header = try ObjectHeader(decoding: bytes[...])
      let key = try ObjectKey(opening: header, with: repository.ring)
      let directory = try PackDirectory(tail: bytes, objectLength: UInt64(bytes.count), key: key)
      #expect(directory.records == group.records, comment)
      #expect(bytes.count == Int(group.length) && header.run == group.run, comment)
      if group.kind == .treePack {
        #expect(bench.backend[try ObjectName("mirror/" + name)] == bytes, comment)
      }
    }
    return groups
  }

  @Test(.timeLimit(.minutes(2)))
  func manyTasksStoreTheSameAndDifferentChunks() async throws {
    var random = SeededRandom.fresh()
    let comment: Comment = "\(random)"
    let bench = try await Bench()
    let backup = MiniBackup(repository: try await bench.open(), clocks: bench.clocks)
    let (writer, draft) = try await backup.begin()
    let chunks = (0..<150).map { _ in
      random.bytes(Int.random(in: 1...4000, using: &random))
    }
    let all = Set(chunks)
    let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
      for seed in 0..<12 as Range<UInt64> {
        group.addTask { try await Self.store(chunks, writer, seed) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.reduce(0) { $0 + $1.new } == 2 * all.count, comment)
    #expect(outcomes.allSatisfy { $0.openMost <= 2 }, comment)
    try await writer.checkpoint(draft)
    let groups = try await checkPacks(bench, comment: comment)
    for kind in [ObjectKind.dataPack, .treePack] {
      let ids = groups.filter { $0.kind == kind }.flatMap(\.records).map(\.id)
      #expect(ids.count == all.count && Set(ids).count == all.count, comment)
    }
    // All of them can be read.
    let reader = BlobReader(try await bench.open(computer: "other"))
    let worker = try writer.worker()
    for chunk in all {
      #expect(try await reader.chunk(worker.dataIDs.id(of: chunk)) == chunk, comment)
      #expect(try await reader.metadata(worker.treeIDs.id(of: chunk)) == chunk, comment)
    }
  }

  @Test func aSecondPackIsOpenedOnlyWhenTheFirstIsHalfFull() async throws {
    var random = SeededRandom(seed: 51)
    let bench = try await Bench()
    let backup = MiniBackup(repository: try await bench.open(), clocks: bench.clocks)
    let (writer, draft) = try await backup.begin()
    let worker = try writer.worker()
    var stored = 0
    var openMost = 0
    for _ in 0..<40 {
      let chunk = random.bytes(4000)
      let blob = MetadataBlob(id: try worker.dataIDs.id(of: chunk), bytes: chunk)
      _ = try await writer.store(chunk: blob, worker: worker)
      stored += chunk.count
      let open = writer.state.with { $0.packs[0].open.count }
      openMost = max(openMost, open)
      if stored < backup.packTarget / 2 { #expect(open == 1) }
      #expect(open <= 2)
    }
    #expect(openMost == 2)
    try await writer.checkpoint(draft)
    let groups = try await checkPacks(bench, comment: "")
    #expect(groups.allSatisfy { !$0.records.isEmpty && $0.length <= backup.packTarget })
  }

  @Test func aPackThatWasNeverUsedIsNotStored() async throws {
    // The blob that makes the writer open a second pack may still go into the first one.
    for seed in 0..<16 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let bench = try await Bench()
      let files = ["a": random.bytes(16 << 10), "b": random.bytes(18 << 10), "c": random.bytes(99)]
      let report = try await MiniBackup(repository: bench.open(), clocks: bench.clocks).run(files)
      let repository = try await bench.open(computer: "other")
      #expect(try await repository.index().damaged.isEmpty)
      #expect(try await MiniRestore.files(report.id, repository) == files)
      _ = try await checkPacks(bench, comment: "seed \(seed)")
    }
  }

  @Test func aBlobLargerThanAPackHasOneOfItsOwn() async throws {
    var random = SeededRandom(seed: 52)
    let bench = try await Bench()
    var backup = MiniBackup(repository: try await bench.open(), clocks: bench.clocks)
    backup.chunk = 300_000
    let files = ["large": random.bytes(300_000), "small": random.bytes(10)]
    let report = try await backup.run(files)
    #expect(try await MiniRestore.files(report.id, bench.open(computer: "b")) == files)
    let groups = try await checkPacks(bench, comment: "")
    #expect(groups.contains { $0.length > 300_000 && $0.records.count == 1 })
  }

  @Test(.timeLimit(.minutes(1)))
  func aFailingStorageEndsEveryTask() async throws {
    var random = SeededRandom(seed: 53)
    let bench = try await Bench()
    let faulty = FaultyBackend(
      bench.backend, .init(at: 3, .before, stopsForever: true, kinds: [.write]))
    let backup = MiniBackup(repository: try await bench.open(faulty), clocks: bench.clocks)
    let (writer, draft) = try await backup.begin()
    let chunks = (0..<200).map { _ in random.bytes(3000) }
    let failures = await withTaskGroup(of: RepositoryError.Code?.self) { group in
      for seed in 0..<6 as Range<UInt64> {
        group.addTask { await code { _ = try await Self.store(chunks, writer, seed) } }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(failures.allSatisfy { $0 == .storage })
    #expect(await code { try await writer.checkpoint(draft) } == .storage)
    #expect(bench.names("index/").isEmpty)
  }

  @Test func knownBlobsAreRelied() async throws {
    let bench = try await Bench()
    let files: Files = ["a": [1, 2, 3], "b": [4]]
    _ = try await MiniBackup(repository: bench.open(), clocks: bench.clocks).run(files)
    let (writer, _) = try await MiniBackup(
      repository: bench.open(), clocks: bench.clocks
    ).begin()
    let worker = try writer.worker()
    let known = try worker.dataIDs.id(of: [1, 2, 3])
    let unknown = try worker.dataIDs.id(of: [9])
    #expect(writer.knowsAll([known, .hole], in: .dataPack))
    #expect(!writer.knowsAll([known, unknown], in: .dataPack))
    #expect(!writer.knowsAll([known], in: .treePack), "of the other kind of pack")
    #expect(writer.state.with { $0.view.reliedIDs() } == [known])
  }
}
