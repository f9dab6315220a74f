// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

@Suite struct OutputFileTests {
  @Test(arguments: [false, true])
  func contentAndName(plainCalls: Bool) throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open(plainCalls: plainCalls)
    let entry = WriteScratch.entry(0o100644)
    #expect(try tree.put("a/b/c", "hello", entry) == [])
    #expect(try scratch.bytes("a/b/c") == Array("hello".utf8))
    #expect(try scratch.mode("a/b/c") == 0o644)
    #expect(try scratch.mode("a/b") == 0o700)
    #expect(try scratch.time("a/b/c") == entry.mtime)
    try tree.put("empty", "", entry)
    #expect(try scratch.status("empty").st_size == 0)
    // A name of 255 bytes leaves no room for a suffix.
    let long = String(repeating: "n", count: 255)
    try tree.put(long, "x", entry)
    #expect(try scratch.bytes(long) == [120])
    // Invalid UTF-8 and a newline.
    let raw: [UInt8] = [0xFF, 10, 0x80]
    let file = try tree.createFile(raw, size: 0)
    #expect(try file.finish(entry) == [])
    #expect(try tree.status(raw)?.kind == .file)
  }

  @Test func holesStay() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    let size: UInt64 = 64 << 20
    let file = try tree.createFile(Array("sparse".utf8), size: size)
    try unsafe [1, 2, 3].withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      try unsafe file.write(bytes, at: 8 << 20)
    }
    #expect(try file.finish(WriteScratch.entry(0o100600)) == [])
    let status = try scratch.status("sparse")
    #expect(status.st_size == size)
    #expect(status.st_blocks * 512 < 1 << 20)
  }

  @Test func nothingBeyondTheSize() throws {
    let scratch = try WriteScratch()
    let file = try scratch.open().createFile([97], size: 4)
    for offset in [1, 4, UInt64.max, UInt64(Int64.max)] {
      let number = errorNumber {
        try unsafe [0, 0, 0, 0].withUnsafeBytes { try unsafe file.write($0, at: offset) }
      }
      #expect(number == EFBIG)
    }
  }

  @Test(arguments: [0o644, 0o4755, 0o2755, 0o1777, 0o6711, 0o000, 0o400] as [UInt32])
  func modes(mode: UInt32) throws {
    let scratch = try WriteScratch()
    try scratch.open().put("f", "x", WriteScratch.entry(0o100000 | mode))
    #expect(try scratch.mode("f") == mode)
  }

  @Test(arguments: [-1, -86_400 * 365 * 20, 0, 4_102_444_800] as [Int64])
  func times(seconds: Int64) throws {
    let scratch = try WriteScratch()
    let entry = WriteScratch.entry(0o100644, seconds: seconds)
    try scratch.open().put("f", "x", entry)
    #expect(try scratch.time("f") == entry.mtime)
  }

  @Test func badTimeIsAnErrorAndLeavesNothing() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    var entry = WriteScratch.entry(0o100644)
    // UTIME_OMIT: means something else to the kernel.
    entry.mtime.nanoseconds = 1_073_741_822
    #expect(errorNumber { try tree.put("f", "x", entry) } == EINVAL)
    #expect(try tree.isEmpty())
  }

  @Test(arguments: [false, true])
  func takenName(plainCalls: Bool) throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open(plainCalls: plainCalls)
    let entry = WriteScratch.entry(0o100644)
    try tree.put("f", "old", entry)
    #expect(errorNumber { try tree.put("f", "new", entry) } == EEXIST)
    #expect(try scratch.bytes("f") == Array("old".utf8))
    try tree.remove(Array("f".utf8))
    #expect(try tree.isEmpty())
  }

  @Test func droppedFileGoes() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    do {
      let file = try tree.createFile([97], size: 1)
      #expect(try !tree.isEmpty())
      withExtendedLifetime(file) {}
    }
    #expect(try tree.isEmpty())
    let file = try tree.createFile([97], size: 1)
    file.discard()
    #expect(try tree.isEmpty())
    #expect(errorNumber { _ = try file.finish(WriteScratch.entry(0o100644)) } == EBADF)
  }

  @Test func extendedAttributes() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    let list = [
      RestoredXattr(name: Array("user.note".utf8), value: [0, 255, 1]),
      RestoredXattr(name: Array("user.empty".utf8), value: []),
      RestoredXattr(name: Array("nonsense.name".utf8), value: [1]),
      RestoredXattr(name: [0x75, 0, 0x75], value: [1]),
    ]
    // Read-only: attributes must come before the mode.
    let losses = try tree.put("f", "x", WriteScratch.entry(0o100444), xattrs: list)
    #expect(losses.contains(.xattr(Array("nonsense.name".utf8))))
    #expect(losses.contains(.xattr([0x75, 0, 0x75])))
    if losses.contains(.xattr(Array("user.note".utf8))) {
      return WriteScratch.note("user attributes")
    }
    #expect(scratch.xattr("f", "user.note") == [0, 255, 1])
    #expect(scratch.xattr("f", "user.empty") == [])
    #expect(losses.count == 2)
    let none = MetadataOptions(xattrs: false)
    #expect(try tree.put("g", "x", WriteScratch.entry(0o100444), xattrs: list, options: none) == [])
    #expect(scratch.xattr("g", "user.note") == nil)
  }

  @Test func capabilitiesSurviveTheOwner() throws {
    guard geteuid() == 0 else { return WriteScratch.note("file capabilities (not root)") }
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    var entry = WriteScratch.entry(0o104755)
    entry.uid = 4711
    entry.gid = 4712
    let capability: [UInt8] = [1, 0, 0, 2, 0, 4, 0, 0] + [UInt8](repeating: 0, count: 12)
    let xattr = RestoredXattr(name: Array("security.capability".utf8), value: capability)
    let losses = try tree.put("f", "x", entry, xattrs: [xattr])
    let status = try scratch.status("f")
    #expect(status.st_uid == 4711 && status.st_gid == 4712)
    #expect(status.st_mode == 0o104755)
    if losses == [.securityXattr] { return WriteScratch.note("file capabilities") }
    #expect(losses == [])
    #expect(scratch.xattr("f", "security.capability") == capability)
  }

  @Test func accessControlList() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    let acl = WriteScratch.acl(user: 4711, 6, group: 0, mask: 6)
    let xattr = RestoredXattr(name: PosixACL.accessName, value: acl)
    let losses = try tree.put("f", "x", WriteScratch.entry(0o100660), xattrs: [xattr])
    if losses == [.acl] { return WriteScratch.note("access control lists") }
    #expect(losses == [])
    #expect(scratch.xattr("f", "system.posix_acl_access") == acl)
    #expect(try scratch.mode("f") == 0o660)
    // Without its list the group must not get the rights of the mask.
    let none = MetadataOptions(xattrs: false)
    try tree.put("g", "x", WriteScratch.entry(0o100660), xattrs: [xattr], options: none)
    #expect(try scratch.mode("g") == 0o600)
    #expect(scratch.xattr("g", "system.posix_acl_access") == nil)
    // A list that the kernel refuses is lost, not an error.
    let bad = RestoredXattr(name: PosixACL.accessName, value: Array(acl.dropLast()))
    #expect(try tree.put("h", "x", WriteScratch.entry(0o100660), xattrs: [bad]) == [.acl])
    #expect(try scratch.mode("h") == 0o600)
  }

  @Test func inheritedListsGo() throws {
    let scratch = try WriteScratch()
    _ = try scratch.open()
    let acl = WriteScratch.acl(user: 4711, 7, group: 7, mask: 7)
    guard scratch.setXattr(".", "system.posix_acl_default", acl) else {
      return WriteScratch.note("default access control lists")
    }
    let tree = try scratch.open()
    try tree.makeDirectory([100])
    try tree.put("d/f", "x", WriteScratch.entry(0o100640))
    try tree.put("f", "x", WriteScratch.entry(0o100640))
    #expect(scratch.xattr("f", "system.posix_acl_access") == nil)
    #expect(try scratch.mode("f") == 0o640)
    try tree.makeNode([112], WriteScratch.entry(0o010640))
    #expect(try tree.apply(WriteScratch.entry(0o010640), at: [112]) == [])
    #expect(scratch.xattr("p", "system.posix_acl_access") == nil)
    #expect(try tree.apply(WriteScratch.entry(0o040750), at: [100]) == [])
    #expect(scratch.xattr("d/f", "system.posix_acl_access") == nil)
    #expect(try scratch.mode("d/f") == 0o640)
    #expect(scratch.xattr("d", "system.posix_acl_default") == nil)
    #expect(scratch.xattr("d", "system.posix_acl_access") == nil)
    #expect(try scratch.mode("d") == 0o750)
  }

  @Test func groupBitsOfLists() {
    #expect(PosixACL.groupBits(WriteScratch.acl(user: 1, 7, group: 5, mask: 6)) == 4)
    #expect(PosixACL.groupBits([2, 0, 0, 0]) == nil)
    #expect(PosixACL.groupBits([]) == nil)
    #expect(PosixACL.groupBits([2, 0, 0, 0, 4]) == nil)
  }

  @Test func inodeFlags() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    // No dump and no access times; then immutable, which needs root.
    var entry = WriteScratch.entry(0o100644)
    entry.flags = 0xC0
    let losses = try tree.put("f", "x", entry)
    guard let flags = try scratch.flags("f"), losses == [] else {
      return WriteScratch.note("inode flags")
    }
    #expect(flags & Entry.flagsMask == 0xC0)
    try tree.put("plain", "x", WriteScratch.entry(0o100644))
    let own = try #require(try scratch.flags("plain"))
    #expect(flags & ~Entry.flagsMask == own & ~Entry.flagsMask)
    entry.flags = 0x50
    let locked = try tree.put("i", "x", entry)
    guard geteuid() == 0 else {
      #expect(locked == [.flags])
      #expect(try #require(try scratch.flags("i")) & Entry.flagsMask == 0x40)
      return
    }
    if locked == [.flags] { return WriteScratch.note("immutable files") }
    defer { WriteScratch.shell("chattr -i '\(scratch.target)/i'") }
    #expect(try #require(try scratch.flags("i")) & Entry.flagsMask == 0x50)
    // It still gets its other names.
    try tree.makeHardLink(existing: [105], [106])
    #expect(try scratch.status("j").st_nlink == 2)
    #expect(try #require(try scratch.flags("j")) & Entry.flagsMask == 0x50)
  }

  @Test func flagsThatTheFileSystemLacks() throws {
    let scratch = try WriteScratch()
    var entry = WriteScratch.entry(0o100644)
    // All of the mask but immutable and append-only: no file system has them all.
    entry.flags = Entry.flagsMask & ~InodeFlags.locks
    #expect(try scratch.open().put("f", "x", entry) == [.flags])
    #expect(try scratch.bytes("f") == [120])
  }
}
