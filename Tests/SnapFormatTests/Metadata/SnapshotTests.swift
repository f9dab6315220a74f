// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct SnapshotTests {
  private func sample(_ samples: inout Samples) throws -> Snapshot {
    var snapshot = Snapshot()
    if samples.chance(80) {
      snapshot.root = TreeRoot(id: samples.id(), level: UInt64(samples.small(0...8)))
    }
    snapshot.start = samples.time()
    snapshot.end = samples.number()
    snapshot.host = samples.text(0...20)
    snapshot.user = samples.text(0...20)
    snapshot.paths = (0..<samples.small(0...4)).map { _ in samples.bytes(0...60) }
    // An empty label leaves no trace.
    snapshot.tags = (0..<samples.small(0...4)).map { _ in samples.text(1...9) }
    snapshot.note = samples.text(0...90)
    snapshot.statistics.files = samples.number()
    snapshot.statistics.directories = samples.number()
    snapshot.statistics.others = samples.number()
    snapshot.statistics.bytes = samples.number()
    snapshot.statistics.newBytes = samples.number()
    snapshot.statistics.storedBytes = samples.number()
    snapshot.statistics.newFiles = samples.number()
    snapshot.statistics.changedFiles = samples.number()
    snapshot.statistics.errors = samples.number()
    if samples.chance(70) { snapshot.writer = samples.random.bytes(16) }
    snapshot.writerSequence = samples.number()
    if samples.chance(70) { snapshot.previous = samples.objectID() }
    if samples.chance(70) { snapshot.previousHash = samples.random.bytes(32) }
    if samples.chance(90) { snapshot.run = try samples.run() }
    snapshot.partial = [.whole, .unfinished, .unreadableFiles][samples.small(0...2)]
    snapshot.owners = (0..<samples.small(0...4)).map { _ in
      Snapshot.Owner(
        isGroup: samples.chance(50),
        number: UInt32(samples.number(upTo: UInt64(UInt32.max))), name: samples.text(0...9))
    }
    snapshot.parents = (0..<samples.small(0...3)).map { _ in samples.objectID() }
    if samples.chance(30) { snapshot.original = samples.objectID() }
    snapshot.program = samples.text(0...9)
    if samples.chance(70) {
      snapshot.chunker = try ChunkerSettings(
        algorithm: samples.chance(50) ? .gear : .gearAES,
        average: samples.small(1 << 16...1 << 24))
    }
    snapshot.zoneMinutes = Int64(samples.small(-900...900))
    snapshot.excludes = (0..<samples.small(0...4)).map { _ in samples.text(1...9) }
    snapshot.seen = (0..<samples.small(0...4)).map { _ in
      Snapshot.Seen(writer: samples.random.bytes(16), sequence: samples.number())
    }
    snapshot.fidelity = (0..<samples.small(0...4)).map { _ in
      Snapshot.Fidelity(
        what: samples.text(0...9), count: samples.number(), example: samples.bytes(0...30))
    }
    snapshot.profile = samples.text(0...9)
    return snapshot
  }

  @Test func everyFieldComesBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<300 {
      let snapshot = try sample(&samples)
      #expect(try Snapshot(decoding: snapshot.encoded()) == snapshot, "\(seed)")
      var withoutRoot = snapshot
      withoutRoot.root = nil
      #expect(try Snapshot(decoding: snapshot.encodedCopy()) == withoutRoot, "\(seed)")
    }
  }

  @Test func fieldsOfNewerVersionsAreKeptInTheirPlace() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<100 {
      var message = MessageWriter()
      message.raw(try sample(&samples).encoded())
      message.number(26, samples.number() | 1)
      message.text(28, "a guard")
      message.number(30, 1)
      message.number(1 << 20, samples.number() | 1)
      let known = message.ascending()
      #expect(try Snapshot(decoding: known).encoded() == known, "\(seed)")
    }
  }

  @Test func kindAndRunMustFitTheHeader() throws {
    var samples = Samples(.fresh())
    var snapshot = try sample(&samples)
    snapshot.root = TreeRoot(id: samples.id(), level: 0)
    snapshot.run = try samples.run()
    func read(
      _ snapshot: Snapshot, _ kind: ObjectKind, _ run: RunID
    ) throws -> FormatError.Code? {
      let header = ObjectHeader(
        kind: kind, suite: .aes256GCM, epoch: 0, id: samples.objectID(), run: run, commit: [])
      return try code { _ = try Snapshot(decoding: snapshot.encoded(), header: header) }
    }
    #expect(try read(snapshot, .snapshot, snapshot.run) == nil)
    #expect(try read(snapshot, .pending, snapshot.run) == nil)
    #expect(try read(snapshot, .index, snapshot.run) == .mismatch)
    #expect(try read(snapshot, .snapshot, samples.run()) == .mismatch)
    #expect(try read(snapshot, .snapshot, .none) == .mismatch)
    snapshot.root = nil
    #expect(try read(snapshot, .snapshot, snapshot.run) == .malformed)
    #expect(try read(snapshot, .pending, snapshot.run) == nil)
  }

  @Test func limitOfLength() throws {
    var snapshot = Snapshot()
    snapshot.note = String(repeating: "x", count: Snapshot.byteCountMax - 20)
    #expect(try Snapshot(decoding: snapshot.encoded()) == snapshot)
    snapshot.note += String(repeating: "x", count: 20)
    #expect(try code { _ = try Snapshot(decoding: snapshot.encoded()) } == .tooLarge)
  }
}
