// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

struct FileReaderTests {
  private func bytes(_ reader: borrowing FileReader, _ count: Int, at offset: UInt64) throws
    -> [UInt8]
  {
    var room = [UInt8](repeating: 0xEE, count: count)
    let got = unsafe try room.withUnsafeMutableBytes { room in
      unsafe try reader.read(into: room, at: offset)
    }
    return Array(room.prefix(got))
  }

  @Test func readsWhatIsThere() throws {
    let scratch = try Scratch()
    try scratch.file("f", "0123456789")
    let reader = try FileReader(try scratch.found("f"))
    reader.adviseSequential()
    #expect(reader.status.size == 10)
    #expect(try bytes(reader, 100, at: 0) == Array("0123456789".utf8))
    #expect(try bytes(reader, 3, at: 4) == Array("456".utf8))
    #expect(try bytes(reader, 3, at: 10).isEmpty)
    #expect(try bytes(reader, 3, at: .max).isEmpty)
    #expect(try bytes(reader, 0, at: 0).isEmpty)
    reader.dropCache(0..<10)
    #expect(try reader.statusNow() == reader.status)
    try scratch.file("f", "longer than it was")
    #expect(try reader.statusNow().size == 18)
    #expect(try reader.statusNow() != reader.status)
  }

  @Test func leavesTheAccessTimeAlone() throws {
    let scratch = try Scratch()
    try scratch.file("f", "text")
    scratch.shell("touch -a -d '2001-01-01' f")
    let found = try scratch.found("f")
    let reader = try FileReader(found)
    #expect(try bytes(reader, 10, at: 0).count == 4)
    var status = stat()
    try #require(unsafe lstat(scratch.path("f"), &status) == 0)
    #expect(status.st_atim.tv_sec < 1_000_000_000)
  }

  @Test(arguments: [
    "rm f; ln -s other f", "rm f; mkfifo f", "rm f; mkdir f", "mv other f",
  ])
  func refusesAnotherNode(_ change: String) throws {
    let scratch = try Scratch()
    try scratch.file("f")
    try scratch.file("other", "new")
    let found = try scratch.found("f")
    try #require(scratch.shell(change) == 0)
    #expect(throws: FileError.self) {
      do {
        _ = try FileReader(found)
      } catch let error as FileError {
        #expect(error.errno == ESTALE)
        throw error
      }
    }
    let again = try found.lookedAtAgain()
    #expect(again.status != found.status)
    if again.status.kind == .file { #expect(try FileReader(again).status.size == 3) }
  }

  @Test func tellsWhatIsGone() throws {
    let scratch = try Scratch()
    try scratch.file("f")
    let found = try scratch.found("f")
    scratch.shell("rm f")
    for attempt in [{ _ = try FileReader(found) }, { _ = try found.lookedAtAgain() }] {
      #expect(throws: FileError.self) {
        do { try attempt() } catch let error as FileError {
          #expect(error.errno == ENOENT)
          throw error
        }
      }
    }
  }

  /// Writes one byte at each offset into a file of this size.
  private func sparse(_ scratch: Scratch, size: Int, _ data: [Range<Int>]) throws -> FileReader {
    let file = unsafe open(scratch.path("s"), O_RDWR | O_CREAT | O_TRUNC, 0o644)
    try #require(file >= 0)
    defer { close(file) }
    try #require(ftruncate(file, size) == 0)
    for range in data {
      let bytes = [UInt8](repeating: 1, count: range.count)
      try #require(unsafe pwrite(file, bytes, bytes.count, range.lowerBound) == bytes.count)
    }
    fsync(file)
    return try FileReader(try scratch.found("s"))
  }

  @Test func tellsHolesFromData() throws {
    let scratch = try Scratch()
    let (kib, mib) = (1024, 1024 * 1024)
    let map = try sparse(
      scratch, size: 8 * mib, [mib..<mib + 64 * kib, mib + 96 * kib..<mib + 128 * kib]
    ).extents()
    if map.count == 1, map.first?.isHole == false {
      Scratch.note("holes, which the file system of /tmp does not tell")
      return
    }
    #expect(
      map == [
        Extent(0..<UInt64(mib), isHole: true),
        Extent(UInt64(mib)..<UInt64(mib + 128 * kib), isHole: false),
        Extent(UInt64(mib + 128 * kib)..<UInt64(8 * mib), isHole: true),
      ])
    #expect(
      try sparse(scratch, size: 3 * mib, []).extents()
        == [Extent(0..<UInt64(3 * mib), isHole: true)])
    // A short hole counts as data, wherever it is.
    let short = try sparse(
      scratch, size: 256 * kib, [32 * kib..<64 * kib, 96 * kib..<224 * kib]
    ).extents()
    #expect(short == [Extent(0..<UInt64(256 * kib), isHole: false)])
    #expect(try sparse(scratch, size: 0, []).extents().isEmpty)
  }

  @Test func extentsCoverTheFile() throws {
    let seed = ScratchRandom.seed()
    var random = ScratchRandom(seed: seed)
    let scratch = try Scratch()
    for _ in 0..<20 {
      let size = Int.random(in: 1...4_000_000, using: &random)
      let data = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        let start = Int.random(in: 0..<size, using: &random)
        return start..<min(size, start + Int.random(in: 1...100_000, using: &random))
      }
      let reader = try sparse(scratch, size: size, data)
      var end: UInt64 = 0
      var previous: Bool?
      for extent in try reader.extents() {
        #expect(extent.offset == end, "\(seed)")
        #expect(extent.length > 0, "\(seed)")
        #expect(extent.isHole != previous, "\(seed)")
        end = extent.offset + extent.length
        previous = extent.isHole
        if extent.isHole {
          #expect(extent.length >= 65_536, "\(seed)")
          let inHole = data.contains {
            UInt64($0.lowerBound) < end && UInt64($0.upperBound) > extent.offset
          }
          #expect(!inHole, "\(seed)")
        }
      }
      #expect(end == UInt64(size), "\(seed)")
    }
  }
}
