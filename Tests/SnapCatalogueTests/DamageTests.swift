// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapTesting
import Testing

@testable import SnapCatalogue

@Suite struct DamageTests {
  let folder: TemporaryDirectory
  var path: String { folder.file("catalogue.sqlite") }

  init() throws { folder = try TemporaryDirectory() }

  private static let rows = (0..<600).map { Samples.file("d/\(10_000 + $0)", number: $0) }

  /// Makes a closed catalogue with ``rows``.
  private func make() {
    #expect(Catalogue(path: path).put(Self.rows))
    #expect(!FileMaker.exists(path + "-wal"))
  }

  /// What must hold for whatever was at `path` before.
  private func expectEmptyAndUsable(_ comment: Comment? = nil) {
    do {
      let catalogue = Catalogue(path: path)
      #expect(catalogue.isOnDisk, comment)
      #expect(catalogue.isEmpty(below: [[]]), comment)
      #expect(catalogue.put([Samples.file("new")]), comment)
    }
    #expect(Catalogue(path: path).rows() == [Samples.file("new")], comment)
  }

  @Test func aFileOfGarbageIsReplaced() throws {
    var random = SeededRandom.fresh()
    for count in [1, 100, 4_096, 100_000] {
      try FileMaker.write(random.bytes(count), to: path)
      expectEmptyAndUsable("\(random), \(count) bytes")
    }
  }

  @Test func aFileThatWasCutIsReplaced() throws {
    make()
    let size = try #require(FileMaker.size(of: path)).length
    for length in [size / 2, 5_000, 4_096, 50, 0] {
      try FileMaker.setLength(length, of: path)
      // The first pages may look sound; then the loss shows when the rest is read.
      if length == size / 2 { _ = Catalogue(path: path).rows() }
      expectEmptyAndUsable("\(length) bytes")
    }
  }

  @Test(arguments: [60, 68, 63, 71])
  func aDatabaseOfAnotherSchemaOrApplicationIsReplaced(offset: Int) throws {
    // https://www.sqlite.org/fileformat.html: user version at 60, application id at 68.
    make()
    var bytes = try FileMaker.read(path)
    bytes[offset] ^= 2
    try FileMaker.write(bytes, to: path)
    expectEmptyAndUsable()
  }

  @Test func aForeignDatabaseIsReplaced() throws {
    make()
    var bytes = try FileMaker.read(path)
    for offset in 60..<72 { bytes[offset] = 0 }
    try FileMaker.write(bytes, to: path)
    expectEmptyAndUsable()
  }

  @Test func aDamagedPageIsNoticedAndTheNextRunBeginsAnew() throws {
    make()
    var bytes = try FileMaker.read(path)
    let page = bytes.count / 2 / 4_096 * 4_096
    for offset in page..<page + 4_096 { bytes[offset] = 0x55 }
    try FileMaker.write(bytes, to: path)
    do {
      let catalogue = Catalogue(path: path)
      let rows = catalogue.rows()
      #expect(rows.count < Self.rows.count)
      #expect(rows == Array(Self.rows.prefix(rows.count)))
    }
    #expect(FileMaker.size(of: path + ".lock")?.length == 1)
    expectEmptyAndUsable()
    #expect(FileMaker.size(of: path + ".lock")?.length == 0)
  }

  @Test func leftoverLogsOfAnotherDatabaseDoNoHarm() throws {
    var random = SeededRandom.fresh()
    make()
    try FileMaker.remove(path)
    try FileMaker.write(random.bytes(50_000), to: path + "-wal")
    try FileMaker.write(random.bytes(32_768), to: path + "-shm")
    expectEmptyAndUsable("\(random)")
  }

  @Test func flippedBitsNeverGiveAWrongRow() throws {
    make()
    let sound = try FileMaker.read(path)
    let known = Set(Self.rows)
    var random = SeededRandom.fresh()
    for _ in 0..<40 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
          1 << UInt8.random(in: 0...7, using: &random)
      }
      try FileMaker.write(bytes, to: path)
      let catalogue = Catalogue(path: path)
      #expect(known.isSuperset(of: catalogue.rows()), "\(random)")
      #expect(catalogue.isOnDisk, "\(random)")
      _ = catalogue.put(Self.rows)
      #expect(known.isSuperset(of: catalogue.rows()), "\(random)")
    }
  }

  @Test func aRowOfWrongBytesIsNotDecoded() {
    let row = Samples.file("a/b")
    let key = PathKey.key(of: row.entry.path)
    let value = RowCodec.encode(row, key: key)
    #expect(RowCodec.decode(value[...], path: row.entry.path) == row)
    #expect(RowCodec.decode(value[...], path: Array("a/c".utf8)) == nil)
    for count in 0..<value.count {
      #expect(RowCodec.decode(value[..<count], path: row.entry.path) == nil)
      var wrong = value
      wrong[count] ^= 1
      #expect(RowCodec.decode(wrong[...], path: row.entry.path) == nil)
    }
  }

  @Test func aDamagedFileIsLeftAloneWhileAnotherUsesIt() throws {
    var random = SeededRandom.fresh()
    let garbage = random.bytes(10_000)
    try FileMaker.write(garbage, to: path)
    let other = try #require(StoreFile.open(path, seconds: 0))
    #expect(other.isAlone)
    other.share(seconds: 0)
    let catalogue = Catalogue(path: path)
    #expect(!catalogue.isOnDisk)
    #expect(catalogue.isEmpty(below: [[]]))
    #expect(catalogue.put([Samples.file("a")]))
    #expect(catalogue.rows() == [Samples.file("a")])
    #expect(try FileMaker.read(path) == garbage)
  }

  @Test func aLockedFileIsReplacedByMemory() throws {
    make()
    do {
      let other = try #require(StoreFile.open(path, seconds: 0))
      #expect(other.isAlone)
      let catalogue = Catalogue(path: path, seconds: 0.1)
      #expect(!catalogue.isOnDisk)
      #expect(catalogue.put([Samples.file("a")]))
      #expect(catalogue.rows() == [Samples.file("a")])
      #expect(other.isAlone)
    }
    #expect(Catalogue(path: path).rows() == Self.rows)
  }

  @Test func aPathThatCannotBeUsedIsReplacedByMemory() throws {
    let missing = Catalogue(path: folder.file("missing/catalogue.sqlite"))
    #expect(!missing.isOnDisk)
    #expect(missing.put([Samples.file("a")]))
    try FileMaker.makeDirectory(path)
    let catalogue = Catalogue(path: path)
    #expect(!catalogue.isOnDisk)
    #expect(catalogue.put([Samples.file("a")]))
    #expect(catalogue.rows() == [Samples.file("a")])
  }

  @Test func memoryIsBounded() {
    let catalogue = Catalogue(path: nil)
    var large = Samples.file("0")
    large.entry.content = Content()
    large.entry.content.inline = [UInt8](repeating: 1, count: 1 << 20)
    large.entry.size = 1 << 20
    var writer = catalogue.writer()
    for i in 0..<100 where !writer.hasFailed {
      large.entry.path = Array("\(1_000 + i)".utf8)
      writer.put(large)
    }
    writer.finish()
    #expect(writer.hasFailed)
    let count = catalogue.paths().count
    #expect(count > 40 && count < 64)
    large.entry.path = Array("1000".utf8)
    #expect(catalogue.rows(below: [large.entry.path]) == [large])
  }
}
