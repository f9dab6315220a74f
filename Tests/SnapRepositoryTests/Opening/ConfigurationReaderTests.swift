// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

/// The highest (epoch, sequence) whose signature is good. Format: FORMAT.md, "Configuration".
@Suite struct ConfigurationReaderTests {
  /// Stores one more configuration.
  @discardableResult
  private func add(
    _ bench: Bench, sequence: UInt64, level: UInt64, ring: KeyRing? = nil, epoch: UInt8 = 0,
    _ change: (inout [UInt8]) -> Void = { _ in }
  ) async throws -> String {
    let ring = ring ?? bench.ring
    var configuration = try await bench.open(computer: "admin").configuration
    configuration.sequence = sequence
    configuration.zstdLevel = level
    var message = try configuration.encoded(signedBy: ring)
    change(&message)
    let keys = try #require(ring.epoch(epoch))
    let id = try await ObjectStore(bench.backend).put(
      .configuration, message, keys: keys, run: .none, mirrored: false
    ).id
    return ObjectKind.configuration.name(of: id)
  }

  private func flip(_ bench: Bench, _ name: String) throws {
    let name = try ObjectName(name)
    var bytes = try #require(bench.backend[name])
    bytes[bytes.count / 2] ^= 1
    bench.backend[name] = bytes
  }

  @Test func theHighestSequenceWins() async throws {
    let bench = try await Bench()
    for (sequence, level) in [(3, 7), (2, 5), (4, 9)] as [(UInt64, UInt64)] {
      try await add(bench, sequence: sequence, level: level)
    }
    let repository = try await bench.open(computer: "new")
    #expect(repository.configuration.sequence == 4 && repository.configuration.zstdLevel == 9)
  }

  @Test func aHigherEpochIsStrongerThanAnySequence() async throws {
    let bench = try await Bench()
    let first = try #require(bench.ring.newestMaster)
    let rotated = try KeyRing(masters: [first, MasterKey(newEpoch: 1)])
    try await add(bench, sequence: 9, level: 5)
    try await add(bench, sequence: 2, level: 7, ring: rotated, epoch: 1)
    let repository = try await bench.open(computer: "new", ring: rotated)
    #expect(repository.configuration.sequence == 2 && repository.configuration.zstdLevel == 7)
    // Who lacks the new epoch goes on with what it can read, and says so.
    let old = try await bench.open(computer: "old")
    #expect(old.configuration.sequence == 9)
    #expect(old.configurationProblem?.code == .notAllowed)
  }

  @Test func aBadSignatureIsIgnoredAndReported() async throws {
    let bench = try await Bench()
    let name = try await add(bench, sequence: 5, level: 9) { $0[$0.count - 1] ^= 1 }
    let repository = try await bench.open(computer: "new")
    #expect(repository.configuration.sequence == 1)
    #expect(repository.configurationProblem?.object == name)
    #expect(repository.canWrite)
  }

  @Test func aFlippedOneIsReplacedByTheOneRemembered() async throws {
    let bench = try await Bench()
    let name = try await add(bench, sequence: 2, level: 9)
    #expect(try await bench.open().configuration.zstdLevel == 9)
    for name in bench.names("conf/") { try flip(bench, name) }
    let repository = try await bench.open()
    #expect(repository.configuration.zstdLevel == 9)
    #expect(repository.configurationProblem?.code == .damaged)
    #expect(repository.canWrite)
    let files: Files = ["a": [1]]
    let report = try await MiniBackup(repository: repository, clocks: bench.clocks).run(files)
    #expect(try await MiniRestore.files(report.id, repository) == files)
    // A computer that remembers nothing reads, but does not write.
    let other = try await bench.open(computer: "new")
    #expect(!other.canWrite)
    #expect(bench.names("conf/").contains(name))
    #expect(try await MiniRestore.files(report.id, other) == files)
    #expect(
      await code {
        _ = try await MiniBackup(repository: other, clocks: bench.clocks).run(files)
      } == .damaged)
  }

  @Test func olderThanRememberedIsAnAlarm() async throws {
    let bench = try await Bench()
    let name = try await add(bench, sequence: 2, level: 9)
    _ = try await bench.open()
    bench.backend[try ObjectName(name)] = nil
    #expect(await code { _ = try await bench.open() } == .damaged)
    // Another computer cannot know.
    #expect(try await bench.open(computer: "new").configuration.sequence == 1)
  }

  @Test func unknownFeaturesStopReadingOrWriting() async throws {
    let bench = try await Bench()
    var configuration = try await bench.open().configuration
    let keys = try #require(bench.ring.epochs.last)
    let store = ObjectStore(bench.backend)
    configuration.sequence = 2
    configuration.writeFeatures = ["later"]
    _ = try await store.put(
      .configuration, configuration.encoded(signedBy: bench.ring), keys: keys, run: .none,
      mirrored: false)
    #expect(try await bench.open().canWrite == false)
    configuration.sequence = 3
    configuration.readFeatures = ["later"]
    _ = try await store.put(
      .configuration, configuration.encoded(signedBy: bench.ring), keys: keys, run: .none,
      mirrored: false)
    #expect(await code { _ = try await bench.open() } == .newer)
  }
}
