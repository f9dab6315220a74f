// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFormat
import SnapTesting

/// Rows for the tests.
enum Samples {
  static func id(_ number: Int) -> BlobID {
    var bytes = [UInt8](repeating: 7, count: BlobID.byteCount)
    for i in 0..<8 { bytes[i] = UInt8(truncatingIfNeeded: number >> (8 * i)) }
    return BlobID(bytes) ?? .hole
  }

  static func content(chunks: Int, from first: Int = 0) -> Content {
    var content = Content()
    for i in 0..<chunks {
      content.ids.append(id(first + i))
      content.lengths.append(UInt64(1_000 + i % 100_000))
    }
    return content
  }

  static func file(_ path: [UInt8], number: Int = 0, chunks: Int = 2) -> CataloguedEntry {
    var entry = Entry(path: path, mode: 0o100644)
    entry.mtime = FileTime(seconds: Int64(number) - 1_000, nanoseconds: 999_999_999)
    entry.ctime = FileTime(seconds: 1_700_000_000, nanoseconds: UInt32(number % 1_000))
    entry.uid = 1_000
    entry.gid = .max
    entry.content = content(chunks: chunks, from: number)
    entry.size = entry.content.byteCount
    return CataloguedEntry(
      entry: entry, identity: FileIdentity(device: .max, inode: UInt64(number)), links: 1)
  }

  static func file(_ path: String, number: Int = 0) -> CataloguedEntry {
    file(Array(path.utf8), number: number)
  }

  /// One row of every kind, with every field used somewhere.
  static func everyKind() -> [CataloguedEntry] {
    var rows = [file("top/file", number: 5)]
    var empty = Entry(path: Array("top/empty".utf8), mode: 0o100000)
    empty.ctime = nil
    rows.append(CataloguedEntry(entry: empty, identity: nil, links: 0))
    var holes = file("top/holes").entry
    holes.content.ids.insert(.hole, at: 1)
    holes.content.lengths.insert(1 << 40, at: 1)
    holes.size = holes.content.byteCount
    holes.hardlink = [1, 2, 3, 4, 5, 6, 7, 8]
    holes.flags = 0x10
    holes.sha256 = [UInt8](repeating: 9, count: 32)
    holes.birth = FileTime(seconds: -1, nanoseconds: 1)
    holes.inode = 77
    holes.media = [1, 2, 3]
    holes.xattrs = [
      ExtendedAttribute(name: Array("user.a".utf8), value: [0, 255]),
      ExtendedAttribute(name: Array("user.big".utf8), content: content(chunks: 3)),
      ExtendedAttribute(name: Array("user.none".utf8), value: []),
    ]
    rows.append(CataloguedEntry(entry: holes, identity: nil, links: .max))
    var inline = Entry(path: Array("top/inline".utf8), mode: 0o104755)
    inline.content.inline = Array("small".utf8)
    inline.size = 5
    inline.note = .changedWhileRead
    rows.append(CataloguedEntry(entry: inline, identity: nil, links: 2))
    var link = Entry(path: Array("top/link".utf8), mode: 0o120777)
    link.target = [0xFF, 0x2F, 0x0A]
    rows.append(CataloguedEntry(entry: link, identity: nil, links: 1))
    for (name, mode) in [
      ("top", 0o041777), ("top/fifo", 0o010600), ("top/char", 0o020600), ("top/disk", 0o060600),
    ] as [(String, UInt32)] {
      var entry = Entry(path: Array(name.utf8), mode: mode)
      entry.rdevMajor = entry.kind == .blockDevice || entry.kind == .characterDevice ? 8 : 0
      entry.rdevMinor = entry.rdevMajor * 1_000
      rows.append(
        CataloguedEntry(entry: entry, identity: FileIdentity(device: 1, inode: 2), links: 3))
    }
    return rows.sorted { TreePath.precedes($0.entry.path, $1.entry.path) }
  }

  /// Different safe paths of hard bytes, in the format's order.
  static func paths(_ count: Int, _ random: inout SeededRandom) -> [[UInt8]] {
    let alphabet: [UInt8] = [1, 10, 0x2E, 0x2F, 0x30, 0x61, 0x80, 0xC3, 0xFE, 0xFF]
    var all: Set<[UInt8]> = []
    while all.count < count {
      let length = Int.random(in: 1...(Bool.random(using: &random) ? 6 : 300), using: &random)
      let path = (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 1 }
      if TreePath.isSafe(path) { all.insert(path) }
    }
    return all.sorted { TreePath.precedes($0, $1) }
  }
}

extension Catalogue {
  /// Writes rows at once.
  func put(_ rows: [CataloguedEntry]) -> Bool {
    var writer = writer()
    writer.put(rows)
    writer.finish()
    return !writer.hasFailed
  }

  /// All paths below `roots`.
  func paths(below roots: [[UInt8]] = [[]]) -> [[UInt8]] {
    var cursor = cursor(below: roots)
    var out: [[UInt8]] = []
    while let row = cursor.next() { out.append(row.path) }
    return out
  }

  /// All rows that decode.
  func rows(below roots: [[UInt8]] = [[]]) -> [CataloguedEntry] {
    var cursor = cursor(below: roots)
    var out: [CataloguedEntry] = []
    while let row = cursor.next() {
      if let decoded = row.decoded() { out.append(decoded) }
    }
    return out
  }
}
