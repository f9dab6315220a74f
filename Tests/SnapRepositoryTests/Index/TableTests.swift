// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapTesting
import Testing

@testable import SnapRepository

/// Lookups compared with a dictionary, in memory and in a mapped file.
@Suite struct TableTests {
  private struct Place: Hashable {
    let pack: ObjectID
    let offset: UInt32
  }

  /// Index groups and the places that each id must have.
  private struct Sample {
    var groups: [IndexGroup] = []
    var places: [BlobID: Set<Place>] = [:]

    mutating func add(_ ids: [BlobID], _ kind: ObjectKind, _ random: inout SeededRandom) throws {
      let pack = try #require(ObjectID(random.bytes(32)))
      var offset = UInt32(ObjectHeader.byteCount)
      var records: [BlobRecord] = []
      for id in ids {
        let raw = UInt32.random(in: 1...5000, using: &random)
        records.append(
          BlobRecord(id: id, sealedCount: raw + 16, rawCount: raw, isCompressed: false))
        places[id, default: []].insert(Place(pack: pack, offset: offset))
        offset += raw + 16
      }
      groups.append(
        IndexGroup(
          pack: pack, kind: kind, suite: .aes256GCM, epoch: 0, length: 1 << 30, created: 1,
          run: .none, records: records))
    }
  }

  private func randomIDs(_ count: Int, _ random: inout SeededRandom) throws -> [BlobID] {
    try (0..<count).map { _ in try #require(BlobID(random.bytes(32))) }
  }

  private func id(prefix: UInt64, _ last: UInt64) throws -> BlobID {
    func bytes(_ value: UInt64) -> [UInt8] {
      (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }
    return try #require(BlobID(bytes(prefix) + bytes(0) + bytes(0) + bytes(last)))
  }

  private func check(_ run: TableRun, _ sample: Sample, _ comment: Comment) {
    var wrong = 0
    for (id, places) in sample.places {
      let found = run.range(of: id).compactMap { run.location($0) }
      if !found.allSatisfy({ $0.record.id == id }) { wrong += 1 }
      if Set(found.map { Place(pack: $0.pack.id, offset: $0.offset) }) != places { wrong += 1 }
      if found.count != places.count { wrong += 1 }
    }
    #expect(wrong == 0, comment)
    #expect(run.count == sample.places.values.reduce(0) { $0 + $1.count }, comment)
  }

  @Test func manyRandomIDsAndDuplicates() throws {
    var random = SeededRandom.fresh()
    var sample = Sample()
    var ids = try randomIDs(100_000, &random)
    // The blobs of some packs lie in others, too.
    ids += ids[0..<500] + ids[200..<700]
    for start in stride(from: 0, to: ids.count, by: 2000) {
      try sample.add(Array(ids[start..<min(start + 2000, ids.count)]), .dataPack, &random)
    }
    let run = TableRun(groups: sample.groups)
    check(run, sample, "\(random)")
    var found = 0
    for id in try randomIDs(2000, &random) { found += run.range(of: id).count }
    #expect(found == 0, "\(random)")
  }

  /// Prefixes that are equal, neighbours, or in two far heaps: interpolation guesses badly.
  @Test(arguments: [0, 1, 2, 3, 4])
  func adversarialPrefixes(shape: Int) throws {
    var random = SeededRandom.fresh()
    var sample = Sample()
    var ids: [BlobID] = []
    for i in 1...4000 as ClosedRange<UInt64> {
      let prefix: UInt64 =
        switch shape {
        case 0: 77
        case 1: i
        case 2: i % 2 == 0 ? i : .max - i
        case 3: 1 << (i % 64)
        default: i == 1 ? 0 : i == 2 ? .max : 1000
        }
      ids.append(try id(prefix: prefix, i))
    }
    ids.shuffle(using: &random)
    // Some twice and thrice.
    ids += ids.prefix(50) + ids.prefix(25)
    for start in stride(from: 0, to: ids.count, by: 50) {
      try sample.add(Array(ids[start..<min(start + 50, ids.count)]), .dataPack, &random)
    }
    let run = TableRun(groups: sample.groups)
    check(run, sample, "\(random), shape \(shape)")
    // Absent ones, below, between and above.
    for prefix in [0, 1, 76, 77, 78, 1000, .max] as [UInt64] {
      for last in [0, 5001, .max] as [UInt64] {
        #expect(try run.range(of: id(prefix: prefix, last)).isEmpty, "shape \(shape)")
      }
    }
  }

  @Test func emptyAndTinyTables() throws {
    var random = SeededRandom.fresh()
    let absent = try randomIDs(1, &random)[0]
    #expect(TableRun(groups: []).range(of: absent).isEmpty)
    for count in 1...20 {
      var sample = Sample()
      try sample.add(randomIDs(count, &random), .treePack, &random)
      let run = TableRun(groups: sample.groups)
      check(run, sample, "\(random)")
      #expect(run.range(of: absent).isEmpty, "\(random)")
    }
  }

  @Test func aBaseAndMoreGroupsAreOneTable() throws {
    var random = SeededRandom.fresh()
    var sample = Sample()
    let ids = try randomIDs(900, &random)
    try sample.add(Array(ids[0..<600]), .dataPack, &random)
    let base = TableRun(groups: sample.groups)
    let count = sample.groups.count
    try sample.add(Array(ids[500..<900]), .dataPack, &random)
    let both = TableRun(groups: Array(sample.groups[count...]), base: base)
    check(both, sample, "\(random)")
  }

  @Test func reliedRowsAreRemembered() throws {
    var random = SeededRandom.fresh()
    var sample = Sample()
    let ids = try randomIDs(300, &random)
    try sample.add(ids, .dataPack, &random)
    let run = TableRun(groups: sample.groups)
    #expect(run.reliedIDs().isEmpty)
    let chosen = ids.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
    for id in chosen { for row in run.range(of: id) { run.rely(on: row) } }
    #expect(Set(run.reliedIDs()) == Set(chosen))
  }

  // MARK: the file

  private func saved(
    _ path: String, _ random: inout SeededRandom
  ) throws -> (sample: Sample, segments: Set<ObjectID>) {
    var sample = Sample()
    try sample.add(randomIDs(400, &random), .dataPack, &random)
    try sample.add(randomIDs(30, &random), .treePack, &random)
    let segments = Set([try #require(ObjectID(random.bytes(32)))])
    TableFile.save(path, segments: segments, run: TableRun(groups: sample.groups))
    return (sample, segments)
  }

  @Test func theFileGivesBackWhatWasSaved() throws {
    var random = SeededRandom.fresh()
    let folder = try TemporaryDirectory()
    let path = folder.file("table")
    #expect(TableFile.load(path) == nil)
    let (sample, segments) = try saved(path, &random)
    let loaded = try #require(TableFile.load(path))
    #expect(loaded.segments == segments)
    check(loaded.run, sample, "\(random)")
    #expect(Set(loaded.run.packs.map(\.kind)) == [.dataPack, .treePack])
    #expect(try FileMaker.names(in: folder.path) == ["table"])
  }

  @Test func aFileThatWasCutOrGrewIsIgnored() throws {
    var random = SeededRandom.fresh()
    let folder = try TemporaryDirectory()
    let path = folder.file("table")
    _ = try saved(path, &random)
    let bytes = try FileMaker.read(path)
    for count in [0, 1, 63, 64, 100, bytes.count / 2, bytes.count - 48, bytes.count - 1] {
      try FileMaker.write(Array(bytes[..<count]), to: path)
      #expect(TableFile.load(path) == nil, "\(count) bytes")
    }
    try FileMaker.write(bytes + [0], to: path)
    #expect(TableFile.load(path) == nil)
  }

  @Test func aFileWithAChangedHeadIsIgnored() throws {
    var random = SeededRandom.fresh()
    let folder = try TemporaryDirectory()
    let path = folder.file("table")
    let (sample, segments) = try saved(path, &random)
    let bytes = try FileMaker.read(path)
    let headEnd = bytes.count - 48 * sample.groups.reduce(0) { $0 + $1.records.count }
    for position in 0..<headEnd {
      var changed = bytes
      changed[position] ^= 0x10
      try FileMaker.write(changed, to: path)
      // The last 24 bytes of the header are not used.
      if (40..<64).contains(position) { continue }
      if let loaded = TableFile.load(path) {
        Issue.record("byte \(position) changed, and \(loaded.segments == segments)")
      }
    }
  }

  @Test func changedRowsNeverTrap() throws {
    var random = SeededRandom.fresh()
    let folder = try TemporaryDirectory()
    let path = folder.file("table")
    let (sample, _) = try saved(path, &random)
    var bytes = try FileMaker.read(path)
    let rows = 48 * sample.groups.reduce(0) { $0 + $1.records.count }
    bytes.replaceSubrange((bytes.count - rows)..., with: random.bytes(rows))
    try FileMaker.write(bytes, to: path)
    guard let run = TableFile.load(path)?.run else { return }
    for id in sample.places.keys { for row in run.range(of: id) { _ = run.location(row) } }
    for row in 0..<run.count { _ = run.location(row)?.range }
  }
}
