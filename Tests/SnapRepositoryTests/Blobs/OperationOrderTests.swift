// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

/// The order of a run's calls is its safety argument. Format: FORMAT.md, "Writer".
@Suite struct OperationOrderTests {
  /// Calls without names: "write data", "list gone", "write mirror/tree".
  private func short(_ operations: [BackendOperation]) -> [String] {
    operations.map { operation in
      let parts = operation.target.split(separator: "/")
      let kept = parts.first == "mirror" ? parts.prefix(2) : parts.prefix(1)
      return "\(operation.kind.rawValue) \(kept.joined(separator: "/"))"
    }
  }

  private func operations(_ bench: Bench, _ files: Files) async throws -> [String] {
    let faulty = FaultyBackend(bench.backend)
    let repository = try await bench.open(faulty)
    faulty.reset()
    _ = try await MiniBackup(repository: repository, clocks: bench.clocks).run(files)
    return short(faulty.operations)
  }

  @Test func theFirstRun() async throws {
    let bench = try await Bench()
    let calls = try await operations(bench, ["a": [1, 2, 3]])
    #expect(
      calls == [
        "write pend",  // W0
        "list gone", "list index",  // W1
        "write data", "write tree", "write mirror/tree", "write index", "write pend",  // W3
        "list gone", "list index",  // W4
        "write snap", "write mirror/snap",  // W5
        "remove pend", "remove pend",  // W6
      ])
  }

  @Test func aRunThatFindsEverything() async throws {
    let bench = try await Bench()
    _ = try await operations(bench, ["a": [1, 2, 3]])
    bench.boot.value += 60
    let calls = try await operations(bench, ["a": [1, 2, 3]])
    #expect(
      calls == [
        "write pend", "list gone", "list index", "read index",
        // The root holds the time, so one tree pack is new.
        "write tree", "write mirror/tree", "write index", "write pend",
        "list gone", "list index", "write snap", "write mirror/snap", "remove pend", "remove pend",
      ])
  }

  @Test func aCheckpoint() async throws {
    var random = SeededRandom(seed: 21)
    let bench = try await Bench()
    let faulty = FaultyBackend(bench.backend)
    let repository = try await bench.open(faulty)
    faulty.reset()
    var backup = MiniBackup(repository: repository, clocks: bench.clocks)
    backup.checkpointEvery = 2
    _ = try await backup.run(["a": random.bytes(9), "b": random.bytes(9), "c": random.bytes(9)])
    let packs = ["write data", "write tree", "write mirror/tree", "write index", "write pend"]
    #expect(
      short(faulty.operations)
        == ["write pend", "list gone", "list index"] + packs + packs
        + ["list gone", "list index", "write snap", "write mirror/snap"]
        + [String](repeating: "remove pend", count: 3))
  }

  /// Takes a copy of the storage before each call; all that a copy shows must be whole.
  @Test func atEveryMomentWhatIsVisibleIsWhole() async throws {
    var random = SeededRandom(seed: 22)
    let bench = try await Bench()
    let moments = Shared<[MemoryBackend]>([])
    let faulty = FaultyBackend(
      bench.backend, before: { _ in moments.change { $0.append(bench.backend.copy()) } })
    for round in 0..<2 {
      bench.boot.value += 1
      var backup = MiniBackup(repository: try await bench.open(faulty), clocks: bench.clocks)
      backup.checkpointEvery = 3
      var files = sampleFiles(8, bytes: 25_000, &random)
      files["round"] = [UInt8(round)]
      _ = try await backup.run(files)
    }
    #expect(moments.value.count > 30)
    var roots = 0
    for (number, moment) in moments.value.enumerated() {
      let comment: Comment = "before call \(number + 1)"
      let repository = try await Repository.open(moment, unlock: .ring(bench.ring)) { _ in nil }
      let view = try await repository.index()
      #expect(view.damaged.isEmpty, comment)
      for pack in view.packs {
        #expect(moment[try ObjectName(pack.name)]?.count == Int(pack.length), comment)
      }
      _ = try await MiniRestore.all(repository)
      for object in try await repository.store.list(.pending) {
        let opened = try await repository.store.open(.pending, object.id, ring: bench.ring)
        guard let root = try Snapshot(decoding: opened.payload).root else { continue }
        roots += 1
        try await checkKnown(root, repository, comment)
      }
    }
    #expect(roots > 3)
  }

  /// Index before pending root: every blob below is known.
  private func checkKnown(
    _ root: TreeRoot, _ repository: Repository, _ comment: Comment
  ) async throws {
    let view = try await repository.index()
    var tree = TreeReader(root, reader: BlobReader(repository))
    while let entry = try await tree.next() {
      for id in entry.content.ids {
        #expect(view.knows(id, in: .dataPack, relying: false), comment)
      }
    }
  }
}
