// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

/// Runs beside a collector that works step by step between their calls.
@Suite struct CollectorTests {
  /// A repository whose only snapshot was forgotten: all its packs may be collected.
  private struct Scene {
    let bench: Bench
    let files: Files
    let packs: [IndexGroup]

    init(_ random: inout SeededRandom) async throws {
      bench = try await Bench()
      let old = sampleFiles(7, bytes: 25_000, &random)
      let report = try await MiniBackup(repository: bench.open(), clocks: bench.clocks).run(old)
      packs = try await TestCollector(bench).segments().groups
      try await TestCollector(bench).forget(report.id)
      files = old.merging(["new/1": random.bytes(30_000), "new/2": [7]]) { a, _ in a }
    }

    func run(
      before: @escaping @Sendable (Int, BackendOperation) async -> Void
    ) async throws -> MiniBackup.Report {
      let calls = Shared(0)
      let faulty = FaultyBackend(
        bench.backend,
        before: { operation in
          calls.change { $0 += 1 }
          await before(calls.value, operation)
        })
      let repository = try await bench.open(faulty)
      return try await MiniBackup(repository: repository, clocks: bench.clocks).run(files)
    }

    func check(_ report: MiniBackup.Report, _ comment: Comment) async throws {
      let repository = try await bench.open(computer: "other")
      let files = try await MiniRestore.files(report.id, repository)
      #expect(files == self.files, comment)
    }
  }

  /// The steps of a collector, each due before a call of the run.
  private struct Script: Sendable {
    enum Step: Sendable, CaseIterable { case condemn, decide, put, removeSegments, sweep, end }
    var due: [(at: Int, step: Step)]
    var victims: [IndexGroup]
    var tombstone: ObjectID?
    var groups: [IndexGroup] = []
    var segments: [ObjectID] = []
    var keepsAll = false
    var sweeps = 0

    mutating func take(upTo call: Int) -> Step? {
      guard let first = due.first, first.at <= call else { return nil }
      due.removeFirst()
      return first.step
    }

    /// P3 to P6, one step. What is decided at `decide` is carried out later.
    mutating func carryOut(_ step: Step, _ bench: Bench) async throws {
      let collector = TestCollector(bench)
      switch step {
      case .condemn:
        let data = victims.filter { $0.kind == .dataPack }.map(\.pack)
        let trees = victims.filter { $0.kind == .treePack }.map(\.pack)
        tombstone = try await collector.condemn(data, trees: trees)
      case .decide:
        keepsAll = try await collector.seesPendingRoot() || !bench.names("snap/").isEmpty
        let all = try await collector.segments()
        let swept = Set(keepsAll ? [] : victims.map(\.pack))
        groups = all.groups.filter { !swept.contains($0.pack) }
        segments = all.ids
      case .put: try await collector.putSegment(groups)
      case .removeSegments: try await collector.remove(.index, segments)
      case .sweep:
        if keepsAll { return }
        try await collector.sweep(victims)
        sweeps += 1
      case .end: if let tombstone { try await collector.remove(.tombstone, [tombstone]) }
      }
    }
  }

  private func play(_ seed: UInt64) async throws -> (passes: Int, sweeps: Int) {
    var random = SeededRandom(seed: seed)
    let scene = try await Scene(&random)
    let span = Int.random(in: 4...24, using: &random)
    let times = Script.Step.allCases.map { _ in Int.random(in: 1...span, using: &random) }.sorted()
    let script = Shared(
      Script(
        due: Array(zip(times, Script.Step.allCases).map { (at: $0, step: $1) }),
        victims: scene.packs.filter { _ in Bool.random(using: &random) }))
    let failure = Shared<(any Error)?>(nil)
    let work: @Sendable (Int) async -> Void = { call in
      while true {
        var now = script.value
        guard let step = now.take(upTo: call) else { return }
        do { try await now.carryOut(step, scene.bench) } catch { failure.value = error }
        script.value = now
      }
    }
    let report = try await scene.run { call, _ in await work(call) }
    try await scene.check(report, "seed \(seed), before the collector ends")
    await work(.max)
    if let error = failure.value { throw error }
    try await scene.check(report, "seed \(seed)")
    return (report.passes, script.value.sweeps)
  }

  @Test func anyScheduleLeavesASnapshotThatIsWhole() async throws {
    var (repeated, sweeps, slowest) = (0, 0, 1)
    for seed in 1...120 as ClosedRange<UInt64> {
      let outcome = try await play(seed)
      if outcome.passes > 1 { repeated += 1 }
      slowest = max(slowest, outcome.passes)
      sweeps += outcome.sweeps
    }
    // The schedules do reach what they are for.
    #expect(repeated > 10)
    #expect(sweeps > 20)
    #expect(slowest <= 3)
  }

  @Test(arguments: [ObjectKind.dataPack, .treePack])
  func packsThatAreCondemnedBeforeTheCheckAreStoredAgain(kind: ObjectKind) async throws {
    var random = SeededRandom(seed: 31)
    let scene = try await Scene(&random)
    let victims = scene.packs.filter { $0.kind == kind }.map(\.pack)
    let roots = Shared(0)
    let report = try await scene.run { _, operation in
      guard operation.kind == .write, operation.target.hasPrefix("pend/") else { return }
      roots.change { $0 += 1 }
      // The second one is W3.
      guard roots.value == 2 else { return }
      let collector = TestCollector(scene.bench)
      _ = try? await collector.condemn(
        kind == .dataPack ? victims : [], trees: kind == .treePack ? victims : [])
    }
    // Tree nodes of the old snapshot need not be among those of the new one.
    if kind == .dataPack { #expect(report.passes == 2) }
    for pack in victims { scene.bench.backend[try ObjectName(kind.name(of: pack))] = nil }
    try await scene.check(report, "swept")
  }

  @Test func packsThatAreCondemnedAfterTheCheckCanStillBeRead() async throws {
    var random = SeededRandom(seed: 32)
    let scene = try await Scene(&random)
    let report = try await scene.run { _, operation in
      guard operation.kind == .write, operation.target.hasPrefix("snap/") else { return }
      _ = try? await TestCollector(scene.bench).condemn(
        scene.packs.filter { $0.kind == .dataPack }.map(\.pack))
    }
    #expect(report.passes == 1)
    try await scene.check(report, "condemned")
    // But the next run counts on none of it.
    let next = try await MiniBackup(
      repository: scene.bench.open(), clocks: scene.bench.clocks
    ).run(scene.files)
    #expect(next.progress.newBytes >= 100_000)
  }

  @Test func segmentsThatAreMergedMeanwhileCostNoSecondPass() async throws {
    var random = SeededRandom(seed: 33)
    let scene = try await Scene(&random)
    let roots = Shared(0)
    let report = try await scene.run { _, operation in
      guard operation.kind == .write, operation.target.hasPrefix("pend/") else { return }
      roots.change { $0 += 1 }
      if roots.value == 2 { try? await TestCollector(scene.bench).mergeSegments() }
    }
    #expect(report.passes == 1)
    #expect(scene.bench.names("index/").count == 1)
    try await scene.check(report, "merged")
  }

  @Test func ownPacksThatAreGoneAreStoredAgain() async throws {
    var random = SeededRandom(seed: 34)
    let scene = try await Scene(&random)
    let roots = Shared(0)
    let report = try await scene.run { _, operation in
      guard operation.kind == .write, operation.target.hasPrefix("pend/") else { return }
      roots.change { $0 += 1 }
      guard roots.value == 2 else { return }
      // As if the run had been taken for expired.
      let collector = TestCollector(scene.bench)
      guard let all = try? await collector.segments() else { return }
      let old = Set(scene.packs.map(\.pack))
      try? await collector.putSegment(scene.packs)
      try? await collector.remove(.index, all.ids)
      try? await collector.sweep(all.groups.filter { !old.contains($0.pack) })
    }
    #expect(report.passes == 2)
    try await scene.check(report, "own packs")
  }
}
