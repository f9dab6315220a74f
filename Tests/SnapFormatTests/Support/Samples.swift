// SPDX-License-Identifier: Apache-2.0

import SnapTesting

@testable import SnapFormat

/// Random values that the format permits, for round trips.
struct Samples {
  var random: SeededRandom

  init(_ random: SeededRandom) { self.random = random }

  /// A number whose length in bits is random too, so that small and huge ones occur.
  mutating func number(upTo most: UInt64 = .max) -> UInt64 {
    let bits = UInt64.random(in: 0...64, using: &random)
    let mask = bits == 64 ? UInt64.max : (1 << bits) - 1
    return min(random.next() & mask, most)
  }

  mutating func small(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func chance(_ percent: Int) -> Bool { small(1...100) <= percent }

  mutating func bytes(_ range: ClosedRange<Int>) -> [UInt8] { random.bytes(small(range)) }

  mutating func text(_ range: ClosedRange<Int>) -> String {
    let letters = Array("abcXYZ019 \"\\/-_äß€😀\n\u{0}\u{7f}\u{301}")
    return String((0..<small(range)).map { _ in letters[small(0...letters.count - 1)] })
  }

  mutating func id() -> BlobID {
    BlobID(random.next(), random.next(), random.next(), random.next() | 1)
  }

  mutating func objectID() -> ObjectID { ObjectID(id()) }

  mutating func run() throws -> RunID {
    guard let run = RunID(random.bytes(16)) else { throw FormatError(.library, "run id") }
    return run
  }

  mutating func time() -> FileTime {
    FileTime(
      seconds: Int64(bitPattern: number()) * (chance(50) ? 1 : 0) | 1,
      nanoseconds: UInt32(small(0...999_999_999)))
  }

  /// Ascending safe paths: directories, deep ones, names of raw bytes.
  mutating func paths(_ count: Int) -> [[UInt8]] {
    var paths: Set<[UInt8]> = []
    var folders: [[UInt8]] = [[]]
    while paths.count < count {
      var name = chance(70) ? Array("file-\(small(0...99_999)).jpg".utf8) : bytes(1...40)
      name = name.map { $0 == 0 || $0 == UInt8(ascii: "/") ? 1 : $0 }
      let path = TreePath.join(folders[small(0...folders.count - 1)], name)
      guard TreePath.isSafe(path) else { continue }
      paths.insert(path)
      if chance(5), path.count < 2000 { folders.append(path) }
    }
    return paths.sorted { TreePath.precedes($0, $1) }
  }

  mutating func content() -> Content {
    var content = Content()
    switch small(0...3) {
    case 0: break
    case 1: content.inline = bytes(1...512)
    case 2:
      for _ in 0..<small(1...40) {
        let isHole = chance(20)
        content.ids.append(isHole ? .hole : id())
        content.lengths.append(1 + number(upTo: isHole ? 1 << 40 : 1 << 28 - 2))
      }
    default:
      content.level = UInt64(small(1...8))
      for _ in 0..<small(1...10) {
        content.ids.append(id())
        content.lengths.append(1 + number(upTo: 1 << 50))
      }
    }
    return content
  }

  /// An entry of any type with every field now and then.
  mutating func entry(_ path: [UInt8]) -> Entry {
    let types: [UInt32] = [
      0o100000, 0o100000, 0o100000, 0o040000, 0o120000, 0o010000, 0o020000, 0o060000, 0o140000,
    ]
    var entry = Entry(
      path: path, mode: types[small(0...types.count - 1)] | UInt32(small(0...0o7777)))
    entry.mtime = time()
    if chance(50) { entry.ctime = time() }
    entry.uid = UInt32(number(upTo: UInt64(UInt32.max)))
    entry.gid = UInt32(number(upTo: UInt64(UInt32.max)))
    if entry.kind == .file {
      entry.content = content()
      entry.size = entry.content.byteCount
      if chance(5) {
        entry.note = .readError
        entry.size = number(upTo: UInt64(Int64.max))
      }
    }
    if entry.kind == .symlink { entry.target = bytes(1...100) }
    if chance(10) { entry.rdevMajor = UInt32(small(0...4095)) }
    if chance(10) { entry.rdevMinor = UInt32(number(upTo: UInt64(UInt32.max))) }
    if chance(10) { entry.hardlink = random.bytes(8) }
    for i in 0..<(chance(20) ? small(1...4) : 0) {
      entry.xattrs.append(ExtendedAttribute(name: Array("user.\(i)".utf8), content: content()))
    }
    if chance(20) { entry.flags = UInt32(truncatingIfNeeded: random.next()) & Entry.flagsMask }
    if chance(20) { entry.sha256 = random.bytes(32) }
    if chance(20) { entry.birth = time() }
    if chance(20) { entry.inode = number() | 1 }
    if chance(10) { entry.note.insert(.changedWhileRead) }
    if chance(20) { entry.media = bytes(1...60) }
    if chance(5) {
      var newer = MessageWriter()
      newer.number(40, number() | 1)
      newer.data(1 << 40, bytes(1...20))
      entry.unknown = newer.bytes
    }
    return entry
  }

  /// The message of a node, which only builders write otherwise.
  static func encoded(_ node: TreeNode) -> [UInt8] {
    var out = MessageWriter()
    out.number(1, node.level)
    var previous: [UInt8] = []
    for entry in node.entries {
      out.element(2, entry.encoded(after: previous))
      previous = entry.path
    }
    for child in node.children { out.element(3, child.encoded()) }
    out.data(4, node.snapshotCopy)
    return out.bytes
  }
}

/// The keys that tests use: those of the vectors.
enum TestKeys {
  static func full(epochs: UInt8 = 1) throws -> KeyRing {
    try KeyRing(masters: (0..<epochs).map { try VectorRunner.master(epoch: $0) })
  }

  static func newest(_ ring: KeyRing) throws -> EpochKeys {
    guard let keys = ring.epochs.last else { throw FormatError(.noKey, "test ring") }
    return keys
  }

  static func dedup() throws -> DedupKeys { try DedupKeys(VectorRunner.master()) }
}

/// The code of the format error that `body` throws; nil when it throws none.
func code(of body: () throws -> Void) throws -> FormatError.Code? {
  do {
    try body()
    return nil
  } catch let error as FormatError {
    return error.code
  }
}
