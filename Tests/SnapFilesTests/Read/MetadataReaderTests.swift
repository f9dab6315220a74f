// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

struct MetadataReaderTests {
  @Test func readsPlainThings() throws {
    let scratch = try Scratch()
    try scratch.file("f", "12345")
    scratch.shell("chmod 4751 f; touch -d '1969-12-31T23:59:58.250000001Z' f")
    let found = try scratch.found("f")
    let (entry, problems) = try MetadataReader.entry(for: found)
    #expect(problems.isEmpty)
    #expect(entry.path == found.path)
    #expect(entry.mode == 0o104751)
    #expect(entry.mtime == FileTime(seconds: -2, nanoseconds: 250_000_001))
    #expect(entry.ctime == found.status.ctime)
    #expect(entry.birth == found.status.birth)
    #expect(entry.uid == geteuid())
    #expect(entry.size == 5)
    #expect(entry.content == Content())
    let reader = try FileReader(found)
    #expect(MetadataReader.entry(for: found, reader: reader).entry == entry)
  }

  @Test func readsLinksOfAnyLength() throws {
    let scratch = try Scratch()
    let long = String(repeating: "long/", count: 800)
    for (name, target) in [("a", "x"), ("b", long), ("c", "\n ü")] {
      try #require(unsafe symlink(target, scratch.path(name)) == 0)
      let (entry, problems) = try MetadataReader.entry(for: try scratch.found(name))
      #expect(entry.target == Array(target.utf8))
      #expect(entry.size == 0)
      #expect(entry.kind == .symlink)
      #expect(problems.isEmpty)
    }
  }

  @Test func readsDevicesWithoutOpeningThem() throws {
    let scratch = try Scratch()
    scratch.shell("mkfifo pipe")
    // Opening the FIFO would wait for ever.
    let (pipe, problems) = try MetadataReader.entry(for: try scratch.found("pipe"))
    #expect(pipe.kind == .fifo)
    #expect(problems.isEmpty)
    guard scratch.shell("mknod disk b 259 70000 2>/dev/null") == 0 else {
      Scratch.note("devices")
      return
    }
    let (disk, _) = try MetadataReader.entry(for: try scratch.found("disk"))
    #expect(disk.kind == .blockDevice)
    #expect(disk.rdevMajor == 259)
    #expect(disk.rdevMinor == 70000)
  }

  @Test func readsAttributesByName() throws {
    let scratch = try Scratch()
    try scratch.file("f")
    try scratch.directory("d")
    // The largest that ext4 takes beside others is one block.
    let large = (0..<3000).map { UInt8(truncatingIfNeeded: $0) }
    let wanted: [(String, [UInt8])] = [
      ("user.b", [0, 1, 255]), ("user.B", []), ("user.a.long", large),
    ]
    for name in ["f", "d"] {
      for (attribute, value) in wanted where !scratch.setXattr(name, attribute, value) {
        Scratch.note("extended attributes")
        return
      }
      let (entry, problems) = try MetadataReader.entry(for: try scratch.found(name))
      #expect(problems.isEmpty)
      let users = entry.xattrs.filter { $0.name.starts(with: Array("user.".utf8)) }
      #expect(
        users == [
          ExtendedAttribute(name: Array("user.B".utf8), value: []),
          ExtendedAttribute(name: Array("user.a.long".utf8), value: large),
          ExtendedAttribute(name: Array("user.b".utf8), value: [0, 1, 255]),
        ])
    }
    let found = try scratch.found("f")
    #expect(
      MetadataReader.entry(for: found, reader: try FileReader(found)).entry.xattrs
        == (try MetadataReader.entry(for: found).entry.xattrs))
  }

  @Test func readsAttributesOfNodesThatAreNotOpened() throws {
    let scratch = try Scratch()
    scratch.shell("mkfifo pipe; ln -s nowhere link")
    guard scratch.setXattr("link", "trusted.snap", [1]),
      scratch.setXattr("pipe", "trusted.snap", [2])
    else {
      Scratch.note("trusted attributes")
      return
    }
    for (name, value) in [("link", [1]), ("pipe", [2])] as [(String, [UInt8])] {
      let (entry, problems) = try MetadataReader.entry(for: try scratch.found(name))
      #expect(problems.isEmpty)
      #expect(
        entry.xattrs.filter { $0.name.starts(with: Array("trusted.".utf8)) }
          == [ExtendedAttribute(name: Array("trusted.snap".utf8), value: value)])
    }
  }

  @Test func readsAccessLists() throws {
    let scratch = try Scratch()
    try scratch.directory("d")
    // user::rwx, user 12345:rwx, group::r-x, mask::rwx, other::r-x
    func item(_ tag: UInt8, _ rights: UInt8, _ id: UInt32) -> [UInt8] {
      [tag, 0, rights, 0] + (0..<4).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) }
    }
    let list: [UInt8] =
      [2, 0, 0, 0] + item(1, 7, .max) + item(2, 7, 12345) + item(4, 5, .max) + item(16, 7, .max)
      + item(32, 5, .max)
    guard scratch.setXattr("d", "system.posix_acl_access", list),
      scratch.setXattr("d", "system.posix_acl_default", list)
    else {
      Scratch.note("access control lists")
      return
    }
    let (entry, _) = try MetadataReader.entry(for: try scratch.found("d"))
    let lists = entry.xattrs.filter { $0.name.starts(with: Array("system.".utf8)) }
    #expect(lists.map(\.content.inline) == [list, list])
  }

  @Test func readsInodeFlags() throws {
    let scratch = try Scratch()
    try scratch.file("f")
    try scratch.directory("d")
    guard scratch.shell("chattr +dA f d 2>/dev/null") == 0 else {
      Scratch.note("inode flags")
      return
    }
    for name in ["f", "d"] {
      let (entry, _) = try MetadataReader.entry(for: try scratch.found(name))
      #expect(entry.flags == 0xC0)  // nodump, noatime
    }
    let found = try scratch.found("f")
    #expect(MetadataReader.entry(for: found, reader: try FileReader(found)).entry.flags == 0xC0)
  }

  @Test func tellsWhatIsGone() throws {
    let scratch = try Scratch()
    scratch.shell("ln -s x link; mkdir d; mkdir e; touch f")
    let all = try ["link", "d", "e", "f"].map { name in try scratch.found(name) }
    scratch.shell("rm link f; rmdir d e; touch e")
    for (found, error) in zip(all, [ENOENT, ENOENT, ESTALE, ENOENT]) {
      let thrown = #expect(throws: FileError.self) { try MetadataReader.entry(for: found) }
      #expect(thrown?.errno == error)
    }
  }

  @Test func knowsOwners() throws {
    #expect(OwnerNames.user(0) == "root")
    #expect(OwnerNames.group(0) == "root")
    #expect(OwnerNames.user(4_294_000_001) == nil)
    #expect(OwnerNames.group(4_294_000_001) == nil)
  }

  @Test func raisesTheLimitOfOpenFiles() {
    let limit = DescriptorLimit.raise()
    #expect(limit > 0)
    #expect(DescriptorLimit.raise() == limit)
  }
}
