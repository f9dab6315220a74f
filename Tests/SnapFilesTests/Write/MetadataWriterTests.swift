// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

@Suite struct MetadataWriterTests {
  @Test func directories() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    try tree.put("a/b/f", "x", WriteScratch.entry(0o100644))
    var inner = WriteScratch.entry(0o040500, seconds: 1)
    inner.flags = 0x40
    let note = RestoredXattr(name: Array("user.note".utf8), value: [1])
    let losses = try tree.apply(inner, xattrs: [note], at: Array("a/b".utf8))
    let outer = WriteScratch.entry(0o043775, seconds: 2)
    #expect(try tree.apply(outer, at: [97]) == [])
    #expect(try scratch.mode("a/b") == 0o500)
    #expect(try scratch.time("a/b") == inner.mtime)
    #expect(try scratch.mode("a") == 0o3775)
    #expect(try scratch.time("a") == outer.mtime)
    if losses == [] {
      #expect(scratch.xattr("a/b", "user.note") == [1])
      #expect(try #require(try scratch.flags("a/b")) & Entry.flagsMask == 0x40)
    } else {
      WriteScratch.note("attributes and flags of directories: \(losses)")
    }
    #expect(errorNumber { _ = try tree.apply(WriteScratch.entry(0o040755), at: [98]) } == ENOENT)
    let file = Array("a/b/f".utf8)
    #expect(errorNumber { _ = try tree.apply(WriteScratch.entry(0o040755), at: file) } == EEXIST)
    #expect(errorNumber { _ = try tree.apply(WriteScratch.entry(0o100755), at: [97]) } == EEXIST)
  }

  @Test func linksGetOwnerAndAttributes() throws {
    guard geteuid() == 0 else { return WriteScratch.note("owners of links (not root)") }
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    try tree.put("f", "x", WriteScratch.entry(0o100644))
    try tree.makeSymlink([108], target: [102])
    var entry = WriteScratch.entry(0o120777)
    (entry.uid, entry.gid) = (4711, 4712)
    let list = [
      RestoredXattr(name: Array("trusted.note".utf8), value: [7]),
      RestoredXattr(name: Array("user.note".utf8), value: [7]),
    ]
    let losses = try tree.apply(entry, xattrs: list, at: [108])
    // Links have no user attributes.
    #expect(losses.contains(.xattr(Array("user.note".utf8))))
    let status = try scratch.status("l")
    #expect(status.st_uid == 4711 && status.st_gid == 4712)
    #expect(try scratch.status("f").st_uid == 0)
    #expect(scratch.xattr("f", "trusted.note") == nil)
    if losses.contains(.securityXattr) { return WriteScratch.note("trusted attributes of links") }
    #expect(scratch.xattr("l", "trusted.note") == [7])
  }

  @Test func othersOwnersAreLost() throws {
    let scratch = try WriteScratch()
    _ = try scratch.open()
    if geteuid() == 0 { #expect(WriteScratch.shell("chown 65534 '\(scratch.target)'") == 0) }
    let tree = try scratch.open()
    try WriteScratch.asNobody {
      var entry = WriteScratch.entry(0o106755)
      entry.uid = 4711
      entry.gid = 4712
      #expect(try tree.put("f", "x", entry) == [.owner])
      // No set-user-id for somebody for whom it was not meant.
      #expect(try tree.status([102])?.mode == 0o100755)
      #expect(try tree.status([102])?.mtime == entry.mtime)
      try tree.makeDirectory([100])
      var directory = WriteScratch.entry(0o042755)
      directory.uid = 4711
      #expect(try tree.apply(directory, at: [100]) == [.owner])
      try tree.makeSymlink([108], target: [97])
      var link = WriteScratch.entry(0o120777)
      link.uid = 4711
      #expect(try tree.apply(link, at: [108]) == [.owner])
      var device = WriteScratch.entry(0o060600)
      device.rdevMajor = 8
      #expect(errorNumber { try tree.makeNode([98], device) } == EPERM)
    }
    #expect(try scratch.status("d").st_uid != 4711)
  }

  @Test func ownersCanBeLeftAlone() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    var entry = WriteScratch.entry(0o106755)
    entry.uid = 4711
    let losses = try tree.put("f", "x", entry, options: MetadataOptions(owners: .none))
    #expect(losses == [])
    #expect(try scratch.status("f").st_uid == geteuid())
    #expect(try scratch.mode("f") == 0o2755)
    // The number that means "leave it alone" to the kernel belongs to nobody.
    entry.uid = .max
    #expect(try tree.put("g", "x", entry) == [.owner])
    #expect(try scratch.mode("g") == 0o2755)
  }

  @Test func securityAttributesOfAnOrdinaryUser() throws {
    guard geteuid() != 0 else { return WriteScratch.note("refused security attributes (root)") }
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    let names = ["security.capability", "trusted.note"]
    let list = names.map { RestoredXattr(name: Array($0.utf8), value: [1]) }
    #expect(try tree.put("f", "x", WriteScratch.entry(0o100644), xattrs: list) == [.securityXattr])
  }
}
