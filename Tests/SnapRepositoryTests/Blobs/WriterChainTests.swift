// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

/// Neither a kill at W5 nor two runs at once look like a fork. Format: FORMAT.md, "Chain".
@Suite struct WriterChainTests {
  private func run(_ bench: Bench, _ backend: (any Backend)? = nil) async throws -> ObjectID {
    bench.boot.value += 1
    let repository = try await bench.open(backend)
    let files: Files = ["time": Array("\(bench.boot.value)".utf8)]
    return try await MiniBackup(repository: repository, clocks: bench.clocks).run(files).id
  }

  /// Each snapshot stands behind the one before, with its hash.
  private func expectChain(_ bench: Bench, _ count: Int) async throws {
    let list = try await SnapshotList(bench.open()).snapshots
      .sorted { $0.snapshot.writerSequence < $1.snapshot.writerSequence }
    #expect(list.map(\.snapshot.writerSequence) == Array(1...UInt64(count)))
    #expect(Set(list.map(\.snapshot.writer)).count == 1)
    #expect(list.first?.snapshot.previous == nil)
    #expect(list.first?.snapshot.previousHash == [])
    for (before, after) in zip(list, list.dropFirst()) {
      #expect(after.snapshot.previous == before.id)
      let name = try ObjectName(ObjectKind.snapshot.name(of: before.id))
      let bytes = try #require(bench.backend[name])
      #expect(try after.snapshot.previousHash == SHA256.hash(bytes))
    }
  }

  @Test func runsFollowEachOther() async throws {
    let bench = try await Bench()
    for _ in 0..<3 { _ = try await run(bench) }
    try await expectChain(bench, 3)
  }

  /// The number of the snapshot's write among all writes of a run.
  private func snapshotWrite(_ bench: Bench) async throws -> Int {
    let faulty = FaultyBackend(try bench.copy().backend)
    _ = try await run(try bench.copy(), faulty)
    let writes = faulty.operations.filter { $0.kind == .write }
    return 1 + (writes.firstIndex { $0.target.hasPrefix("snap/") } ?? -1)
  }

  @Test(arguments: [FaultyBackend.Fault.Effect.before, .after])
  func aKillAroundTheCommit(effect: FaultyBackend.Fault.Effect) async throws {
    let bench = try await Bench()
    _ = try await run(bench)
    let at = try await snapshotWrite(bench)
    #expect(at > 1)
    let faulty = FaultyBackend(
      bench.backend, .init(at: at, effect, stopsForever: true, kinds: [.write]))
    #expect(await code { _ = try await run(bench, faulty) } == .storage)
    #expect(bench.names("snap/").count == (effect == .after ? 2 : 1))
    _ = try await run(bench)
    try await expectChain(bench, effect == .after ? 3 : 2)
  }

  @Test func twoRunsOfOneComputerAtOnce() async throws {
    let bench = try await Bench()
    let backup = MiniBackup(repository: try await bench.open(), clocks: bench.clocks)
    let other = MiniBackup(repository: try await bench.open(), clocks: bench.clocks)
    let files: Files = ["a": [1], "b": [2, 3]]
    let (first, draft) = try await backup.begin()
    let (second, draft2) = try await other.begin()
    #expect(first.run != second.run)
    let snapshot = try await backup.store(files, first, draft)
    let snapshot2 = try await other.store(files, second, draft2)
    let id2 = try await other.commit(snapshot2, second)
    let id = try await backup.commit(snapshot, first)
    try await expectChain(bench, 2)
    let repository = try await bench.open()
    #expect(try await MiniRestore.files(id, repository) == files)
    #expect(try await MiniRestore.files(id2, repository) == files)
    #expect(bench.names("pend/").isEmpty)
    #expect(bench.journalNames().isEmpty)
  }

  @Test(.timeLimit(.minutes(1)))
  func twoComputersAtOnce() async throws {
    var random = SeededRandom(seed: 61)
    let bench = try await Bench()
    let files = sampleFiles(6, bytes: 20_000, &random)
    let ids = try await withThrowingTaskGroup(of: ObjectID.self) { group in
      for computer in ["a", "b", "c"] {
        group.addTask {
          let repository = try await bench.open(computer: computer)
          return try await MiniBackup(repository: repository, clocks: bench.clocks).run(files).id
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let all = try await MiniRestore.all(bench.open())
    #expect(Set(all.keys) == Set(ids))
    #expect(all.values.allSatisfy { $0 == files })
    let list = try await SnapshotList(bench.open()).snapshots
    #expect(Set(list.map(\.snapshot.writer)).count == 3)
  }

  @Test func aLostStateFileBeginsANewChain() async throws {
    let bench = try await Bench()
    _ = try await run(bench)
    try Bench.removeFolders(bench)
    let id = try await run(bench)
    let list = try await SnapshotList(bench.open()).snapshots
    let last = try #require(list.first { $0.id == id }).snapshot
    #expect(last.writerSequence == 1 && last.previous == nil)
    #expect(Set(list.map(\.snapshot.writer)).count == 2)
  }
}
