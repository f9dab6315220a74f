// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapLock
import SnapTesting
import Testing

@testable import SnapRepository

/// A run that was stopped for more than a day writes nothing any more.
@Suite struct FenceTests {
  private static let hour = 3600.0

  @Test func afterADayNothingIsWritten() async throws {
    var random = SeededRandom(seed: 41)
    let base = try await Bench()
    let files = sampleFiles(8, bytes: 25_000, &random)
    var expired = 0
    for at in 1... {
      let bench = try base.copy()
      let calls = Shared(0)
      let faulty = FaultyBackend(
        bench.backend,
        before: { _ in
          calls.change { $0 += 1 }
          if calls.value == at { bench.boot.value += 25 * Self.hour }
        })
      let repository = try await bench.open(faulty)
      let opened = faulty.operations.count
      guard opened < at else { continue }
      var backup = MiniBackup(repository: repository, clocks: bench.clocks)
      backup.checkpointEvery = 4
      let failed = await code { _ = try await backup.run(files) }
      guard calls.value >= at else { break }
      let target = faulty.operations[at - 1]
      // A pending object that took so long is a sign of life when it is answered.
      if target.kind == .write, target.target.hasPrefix("pend/") { continue }
      if target.target.contains("snap/"), target.kind == .write || target.kind == .list { continue }
      if target.kind == .remove { continue }
      #expect(failed == .runExpired, "before call \(at): \(target)")
      let later = faulty.operations[at...].filter { $0.kind == .write || $0.kind == .remove }
      // The copy of an object that was on its way may follow it.
      #expect(
        later.allSatisfy { "mirror/" + target.target == $0.target },
        "before call \(at): \(target), then \(later)")
      #expect(bench.names("snap/").isEmpty)
      expired += 1
    }
    #expect(expired > 10)
  }

  @Test func signsOfLifeKeepARunAlive() async throws {
    let bench = try await Bench()
    let repository = try await bench.open()
    let backup = MiniBackup(repository: repository, clocks: bench.clocks)
    let (writer, draft) = try await backup.begin()
    let snapshot = try await backup.store(["a": [1]], writer, draft)
    for _ in 0..<5 {
      bench.boot.value += 23 * Self.hour
      #expect(writer.isCheckpointDue)
      try await writer.checkpoint(draft)
      #expect(!writer.isCheckpointDue)
    }
    let id = try await backup.commit(snapshot, writer)
    #expect(try await MiniRestore.files(id, bench.open()) == ["a": [1]])
    #expect(bench.names("pend/").isEmpty)
  }

  @Test func theRunAfterAnExpiredOneSucceeds() async throws {
    var random = SeededRandom(seed: 42)
    let bench = try await Bench()
    let files = sampleFiles(8, bytes: 25_000, &random)
    let repository = try await bench.open()
    let backup = MiniBackup(repository: repository, clocks: bench.clocks)
    let failed = await code {
      let (writer, draft) = try await backup.begin()
      let snapshot = try await backup.store(files, writer, draft)
      bench.boot.value += 25 * Self.hour
      bench.backend.time += 25 * 3_600_000_000_000
      _ = try await backup.commit(snapshot, writer)
    }
    #expect(failed == .runExpired)
    let report = try await backup.run(files)
    #expect(!report.isResumed)
    #expect(try await MiniRestore.files(report.id, bench.open()) == files)
  }

  @Test func checkpointsFallDueByTimeAndBytes() async throws {
    let bench = try await Bench()
    let backup = MiniBackup(repository: try await bench.open(), clocks: bench.clocks)
    let (writer, draft) = try await backup.begin()
    bench.boot.value += 601
    #expect(!writer.isCheckpointDue, "nothing was stored")
    writer.state.with { $0.bytesSinceCheckpoint = 1 }
    #expect(writer.isCheckpointDue)
    try await writer.checkpoint(draft)
    #expect(!writer.isCheckpointDue)
    writer.state.with { $0.bytesSinceCheckpoint = 4 << 30 }
    #expect(writer.isCheckpointDue)
    try await writer.checkpoint(draft)
    bench.boot.value += 6 * Self.hour
    #expect(writer.isCheckpointDue, "at least every six hours")
  }
}
