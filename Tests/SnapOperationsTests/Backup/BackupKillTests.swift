// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFormat
import SnapRepository
import SnapStorage
import SnapTesting
import Testing

@testable import SnapOperations

/// Whole backups that are killed at each call of the storage, and begun again.
@Suite struct BackupKillTests {
  private func fill(_ folder: String, _ count: Int, _ random: inout SeededRandom) throws {
    for i in 0..<count {
      try FileMaker.makeDirectory("\(folder)/d\(i % 3)")
      let size = [0, 40, 700, 30_000, 200_000][i % 5]
      try FileMaker.write(random.bytes(size), to: "\(folder)/d\(i % 3)/\(i)")
    }
    try FileMaker.makeLink(folder + "/link\(count)", to: "d0")
  }

  /// Runs until the `at`-th call; then the computer's folders are put back to that moment.
  private func kill(
    _ bench: OperationBench, _ store: MemoryBackend, at: Int,
    _ effect: FaultyBackend.Fault.Effect
  ) async throws -> Bool {
    let computers = bench.folder.file("computers")
    let moment = bench.folder.file("moment")
    let calls = Shared(0)
    let faulty = FaultyBackend(
      store, .init(at: at, effect, stopsForever: true),
      before: { _ in
        let number = Shared(0)
        calls.change {
          $0 += 1
          number.value = $0
        }
        if number.value == at { try? Nodes.copy(computers, to: moment) }
      })
    do { try await bench.backup(bench.open(faulty)) } catch {}
    guard faulty.hasFailed else { return false }
    try Nodes.remove(computers)
    try Nodes.copy(moment, to: computers)
    try Nodes.remove(moment)
    return true
  }

  @Test(arguments: [FaultyBackend.Fault.Effect.before, .after])
  func aBackupKilledAtAnyCall(effect: FaultyBackend.Fault.Effect) async throws {
    var random = SeededRandom(seed: 81)
    let bench = try await OperationBench()
    try fill(bench.source, 8, &random)
    let old = try await bench.backup(bench.open())
    let oldNodes = try Nodes.read(bench.source)
    try fill(bench.source, 24, &random)
    let base = try bench.memory.copy()
    let computers = bench.folder.file("computers")
    try Nodes.copy(computers, to: bench.folder.file("begin"))
    var at = 0
    while true {
      at += 1
      let comment: Comment = "killed at call \(at), \(effect)"
      let store = base.copy()
      try Nodes.remove(computers)
      try Nodes.copy(bench.folder.file("begin"), to: computers)
      guard try await kill(bench, store, at: at, effect) else { break }
      let report = try await bench.backup(bench.open(store))
      // Seen by a computer that knows nothing.
      let repository = try await bench.open(store, computer: "other")
      _ = try await bench.restore(report.id, repository, to: "new")
      #expect(try bench.isSame("new"), comment)
      _ = try await bench.restore(old.id, repository, to: "old")
      #expect(try Nodes.read(bench.folder.file("old/source")) == oldNodes, comment)
      if at % 4 == 0 {
        #expect(try await bench.verify(repository).findings.isEmpty, comment)
      }
      try Nodes.remove(bench.folder.file("new"))
      try Nodes.remove(bench.folder.file("old"))
    }
    #expect(at > 12)
  }

  @Test func aRunThatExpiresIsBegunAgain() async throws {
    var random = SeededRandom(seed: 82)
    let bench = try await OperationBench()
    try fill(bench.source, 10, &random)
    let boot = Shared(1000.0)
    let calls = Shared(0)
    let faulty = FaultyBackend(
      bench.backend,
      before: { operation in
        guard operation.kind == .write, operation.target.hasPrefix("data/") else { return }
        calls.change { $0 += 1 }
        // A lid that was closed for a day.
        if calls.value == 1 { boot.value += 25 * 3600 }
      })
    let clocks = Clocks(wall: OperationBench.clocks.wall, boot: { boot.value })
    let repository = try await bench.open(faulty)
    let report = try await bench.backup(repository, clocks: clocks)
    #expect(calls.value >= 1)
    #expect(faulty.operations.count { $0.kind == .write && $0.target.hasPrefix("pend/") } >= 3)
    _ = try await bench.restore(report.id, repository, to: "out")
    #expect(try bench.isSame("out"))
  }

  @Test func whatACollectorTakesIsReadAgain() async throws {
    var random = SeededRandom(seed: 83)
    let bench = try await OperationBench()
    try fill(bench.source, 10, &random)
    try await bench.backup(bench.open())
    let victims = try await bench.names("data/").compactMap { ObjectKind.parse($0)?.id }
    let keys = try required(bench.ring.epochs.last)
    let tombstone = Tombstone(run: .none, dataPacks: victims, treePacks: [], time: 1)
    let key = try ObjectKey(
      new: .tombstone, epoch: keys, suite: .aes256GCM, run: .none, entropy: [])
    let sealed = try SealedPayload.seal(tombstone.encoded(), key: key, compressor: nil)
    let name = try ObjectName(ObjectKind.tombstone.name(of: key.header.id))
    let pendings = Shared(0)
    let memory = try bench.memory
    let faulty = FaultyBackend(
      memory,
      before: { operation in
        guard operation.kind == .write, operation.target.hasPrefix("pend/") else { return }
        pendings.change { $0 += 1 }
        // Just before W3: nothing protects the packs yet.
        guard pendings.value == 2 else { return }
        memory[name] = sealed
      })
    let repository = try await bench.open(faulty)
    let report = try await bench.backup(repository)
    #expect(pendings.value == 3, "two passes")
    for victim in victims {
      memory[try ObjectName(ObjectKind.dataPack.name(of: victim))] = nil
    }
    let other = try await bench.open(computer: "other")
    let restored = try await bench.restore(report.id, other, to: "out")
    #expect(restored.damaged.isEmpty)
    #expect(try bench.isSame("out"))
  }
}
