// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFiles
import SnapFormat
import SnapTesting
import Testing

@testable import SnapOperations

/// A file is unchanged only if everything recorded agrees.
@Suite struct ParentJoinTests {
  /// What the walk finds under a path.
  private func find(_ path: String) throws -> FoundEntry {
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    var walker = try TreeWalker(roots: [folder], options: WalkOptions())
    while let event = walker.next() {
      if case .entry(let found) = event, found.path == Array(path.utf8.dropFirst()) { return found }
    }
    throw MissingValue()
  }

  private func row(_ found: FoundEntry) throws -> CataloguedEntry {
    var (entry, _) = try MetadataReader.entry(for: found)
    entry.ctime = found.status.ctime
    entry.size = found.kindIsFile ? found.status.size : 0
    return CataloguedEntry(
      entry: entry,
      identity: SnapCatalogue.FileIdentity(
        device: found.status.device, inode: found.status.inode),
      links: found.status.links)
  }

  @Test func aFileThatIsAsItWasIsUnchanged() throws {
    let folder = try TemporaryDirectory()
    try FileMaker.write("content", to: folder.file("file"))
    try FileMaker.makeLink(folder.file("link"), to: "file")
    try FileMaker.makeDirectory(folder.file("directory"))
    for name in ["file", "link", "directory"] {
      let found = try find(folder.file(name))
      var old = try row(found)
      #expect(ParentJoin.isUnchanged(old, found), "\(name)")
      // A row that came from a snapshot knows no inode.
      old.identity = nil
      #expect(ParentJoin.isUnchanged(old, found), "\(name)")
    }
  }

  @Test func everyRecordedFieldCounts() throws {
    let folder = try TemporaryDirectory()
    try FileMaker.write("content", to: folder.file("file"))
    let found = try find(folder.file("file"))
    let old = try row(found)
    let changes: [(String, (inout CataloguedEntry) -> Void)] = [
      ("size", { $0.entry.size += 1 }),
      ("mtime", { $0.entry.mtime.seconds += 1 }),
      ("mtime ns", { $0.entry.mtime.nanoseconds ^= 1 }),
      ("ctime", { $0.entry.ctime?.seconds -= 1 }),
      ("ctime ns", { $0.entry.ctime?.nanoseconds ^= 1 }),
      ("no ctime", { $0.entry.ctime = nil }),
      ("mode", { $0.entry.mode ^= 0o100 }),
      ("type", { $0.entry.mode = 0o120600 }),
      ("uid", { $0.entry.uid ^= 1 }),
      ("gid", { $0.entry.gid ^= 1 }),
      ("device", { $0.identity?.device ^= 1 }),
      ("inode", { $0.identity?.inode ^= 1 }),
      ("changed while read", { $0.entry.note = .changedWhileRead }),
      ("read error", { $0.entry.note = .readError }),
    ]
    for (name, change) in changes {
      var changed = old
      change(&changed)
      #expect(changed != old, "\(name)")
      #expect(!ParentJoin.isUnchanged(changed, found), "\(name)")
    }
  }

  @Test func theTargetOfALinkCounts() throws {
    let folder = try TemporaryDirectory()
    try FileMaker.makeLink(folder.file("link"), to: "target")
    let found = try find(folder.file("link"))
    var old = try row(found)
    old.entry.target.append(120)
    #expect(!ParentJoin.isUnchanged(old, found))
  }

  @Test func theJoinMeetsEveryPathOnceAndNamesWhatIsGone() throws {
    let catalogue = Catalogue(path: nil)
    var writer = catalogue.writer()
    for path in ["r", "r/a", "r/a/x", "r/b", "r/b-c", "r/d", "s"] {
      var entry = Entry(path: Array(path.utf8), mode: 0o100644)
      entry.ctime = FileTime(seconds: 1)
      writer.put(CataloguedEntry(entry: entry, identity: nil, links: 1))
    }
    writer.finish()
    var join = ParentJoin(catalogue, below: [Array("r".utf8)])
    var found: [String] = []
    for path in ["r", "r/a", "r/a/y", "r/b-c", "r/c"] {
      if let row = join.match(Array(path.utf8)) {
        #expect(row.entry.path == Array(path.utf8))
        found.append(path)
      }
    }
    join.finish()
    #expect(found == ["r", "r/a", "r/b-c"])
    let removed = join.removed.map { String(decoding: $0, as: UTF8.self) }
    #expect(removed == ["r/a/x", "r/b", "r/d"])
  }

  @Test func raceWithTheClockOfTheFileSystem() {
    func isRacy(_ seconds: Int64, _ nanoseconds: UInt32, before: Int64) -> Bool {
      let ctime = FileTime(seconds: seconds, nanoseconds: nanoseconds)
      let now = Int64(nanoseconds) + before
      let carry = now >= 0 ? now / 1_000_000_000 : -1
      let rest = now - carry * 1_000_000_000
      return FileSaver.isRacy(
        ctime, FileTime(seconds: seconds + carry, nanoseconds: UInt32(rest)))
    }
    let ms: Int64 = 1_000_000
    #expect(isRacy(100, 500, before: 0))
    #expect(isRacy(100, 500, before: 19 * ms))
    #expect(!isRacy(100, 500, before: 21 * ms))
    #expect(!isRacy(100, 999_999_999, before: 2000 * ms))
    // A file system of whole seconds, or of two.
    #expect(isRacy(100, 0, before: 2000 * ms))
    #expect(!isRacy(100, 0, before: 2200 * ms))
    // A file from the future may change again without a trace.
    #expect(isRacy(100, 500, before: -400))
    #expect(
      FileSaver.isRacy(FileTime(seconds: .max), FileTime(seconds: 0)), "extreme times do not trap")
  }
}

extension FoundEntry {
  fileprivate var kindIsFile: Bool { Entry.Kind(mode: status.mode) == .file }
}
