// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

@Suite struct RunJournalTests {
  private static let run = RunID([UInt8](repeating: 7, count: 16)) ?? .none

  private func group(_ number: UInt8) throws -> IndexGroup {
    let id = try #require(BlobID([UInt8](repeating: number, count: 32)))
    let pack = try #require(ObjectID([UInt8](repeating: 100 + number, count: 32)))
    return IndexGroup(
      pack: pack, kind: .dataPack, suite: .aes256GCM, epoch: 0, length: 512, created: 1,
      run: Self.run,
      records: [BlobRecord(id: id, sealedCount: 66, rawCount: 50, isCompressed: false)])
  }

  private func begin(boot: [UInt8] = LocalFiles.bootID()) -> [UInt8] {
    JournalBytes.record([1] + Self.run.bytes + boot)
  }

  private func pack(_ number: UInt8) throws -> [UInt8] {
    var bytes: [UInt8] = [2]
    try group(number).append(to: &bytes)
    return JournalBytes.record(bytes)
  }

  private let indexed = JournalBytes.record([4])
  private let synced = JournalBytes.record([3])

  @Test func packsAreThoseSinceTheLastSegment() throws {
    let bytes = try begin() + pack(1) + pack(2) + indexed + pack(3)
    let remains = try #require(RunJournal.parse(bytes))
    #expect(remains.run == Self.run)
    #expect(remains.sameBoot)
    #expect(try remains.packs.map(\.group) == [group(3)])
    #expect(remains.packs.map(\.isSynced) == [false])
  }

  @Test func syncedCountsForAllBefore() throws {
    let remains = try #require(RunJournal.parse(begin() + pack(1) + pack(2) + synced + pack(3)))
    #expect(remains.packs.map(\.isSynced) == [true, true, false])
  }

  @Test func anotherBootIsNoticed() throws {
    #expect(RunJournal.parse(begin(boot: Array("other".utf8)))?.sameBoot == false)
    #expect(RunJournal.parse(begin(boot: []))?.sameBoot == false, "unknown is not the same")
  }

  @Test func aTornTailIsIgnored() throws {
    let whole = try begin() + pack(1)
    let last = try pack(2)
    for count in 0..<last.count {
      let remains = try #require(RunJournal.parse(whole + last[..<count]))
      #expect(remains.packs.count == 1, "\(count) bytes of the last record")
    }
    for count in 0..<begin().count { #expect(RunJournal.parse(Array(begin()[..<count])) == nil) }
  }

  @Test func aWrongChecksumEndsTheJournal() throws {
    let first = try begin() + pack(1)
    let second = try pack(2)
    for position in second.indices {
      var bytes = try first + second + pack(3)
      bytes[first.count + position] ^= 0x40
      let packs = RunJournal.parse(bytes)?.packs.map(\.group)
      // A changed length may reach beyond the end; never may a changed record count.
      #expect(try packs == [group(1)], "byte \(position)")
    }
  }

  @Test func garbageIsNoJournal() {
    var random = SeededRandom.fresh()
    for count in [0, 1, 7, 8, 9, 100, 5000] {
      #expect(RunJournal.parse(random.bytes(count)) == nil, "\(random)")
    }
    // A length that no file has, and a body of no bytes.
    #expect(RunJournal.parse([255, 255, 255, 255, 1, 2, 3]) == nil)
    #expect(RunJournal.parse(JournalBytes.record([])) == nil)
    #expect(RunJournal.parse(JournalBytes.record([9, 9])) == nil)
    #expect(RunJournal.parse(JournalBytes.record([1, 2, 3])) == nil, "a run id that is too short")
  }

  @Test func onlyJournalsOfDeadRunsAreTaken() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("journal")
    let living = try RunJournal(new: .random(), folder: path)
    let dead: RunID = try .random()
    do {
      let journal = try RunJournal(new: dead, folder: path)
      try journal.add(group(1))
    }
    try FileMaker.write("not a journal", to: path + "/garbage")
    let found = RunJournal.dead(in: path)
    #expect(found.map(\.remains.run) == [dead])
    #expect(try FileMaker.names(in: path).sorted() == ["\(living.run)", "\(dead)"].sorted())
    // Taken by one at a time.
    #expect(RunJournal.dead(in: path).isEmpty)
    withExtendedLifetime((living, found)) {}
  }
}
