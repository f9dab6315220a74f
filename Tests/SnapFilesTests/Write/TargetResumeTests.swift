// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

@Suite struct TargetResumeTests {
  @Test func marker() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    #expect(try tree.marker() == nil)
    try tree.removeMarker()
    try tree.setMarker(Array("first".utf8))
    try tree.setMarker(Array("second".utf8))
    #expect(try tree.marker() == Array("second".utf8))
    #expect(try scratch.bytes(".snap-restore") == Array("second".utf8))
    #expect(try !tree.isEmpty())
    // The tree of a snapshot cannot touch it.
    let name = Array(".snap-restore".utf8)
    #expect(errorNumber { try tree.remove(name) } == EPERM)
    let entry = WriteScratch.entry(0o100644)
    #expect(errorNumber { try tree.put(".snap-restore", "x", entry) } == EEXIST)
    var directory = WriteScratch.entry(0o040755, seconds: 77)
    directory.mtime.nanoseconds = 5
    #expect(try tree.apply(directory, at: []) == [])
    try tree.removeMarker()
    #expect(try scratch.time(".") == FileTime(seconds: 77, nanoseconds: 5))
    #expect(try scratch.mode(".") == 0o755)
    #expect(try tree.isEmpty())
  }

  @Test func foreignMarkers() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    #expect(WriteScratch.shell("ln -s /etc/passwd '\(scratch.target)/.snap-restore'") == 0)
    #expect(errorNumber { _ = try tree.marker() } == EPERM)
    try tree.setMarker([1])
    #expect(try tree.marker() == [1])
    try tree.setMarker([UInt8](repeating: 7, count: 65_536))
    #expect(try tree.marker()?.count == 65_536)
    try tree.setMarker([UInt8](repeating: 7, count: 65_537))
    #expect(errorNumber { _ = try tree.marker() } == EFBIG)
    guard geteuid() == 0 else { return WriteScratch.note("another user's marker (not root)") }
    #expect(WriteScratch.shell("chown 4711 '\(scratch.target)/.snap-restore'") == 0)
    #expect(errorNumber { _ = try tree.marker() } == EPERM)
  }

  @Test func leftovers() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    let name = ".snap-0123456789abcdef"
    let other = [".snap-0123456789abcdeF", ".snap-0123456789abcde", ".snap-0123456789abcdef0"]
    for path in ["\(name)", "a/\(name)", "a/b/\(name)"] + other {
      try tree.put(path, "x", WriteScratch.entry(0o100644))
    }
    try tree.makeSymlink(Array("c/\(name)".utf8), target: [97])
    try tree.makeDirectory(Array("e/\(name)".utf8))
    #expect(try tree.removeTemporaries(in: Array("a/b".utf8)) == 1)
    #expect(try tree.removeTemporaries(in: Array("a/b".utf8)) == 0)
    #expect(!scratch.exists(scratch.target + "/a/b/" + name))
    #expect(try tree.sweep() == 2)
    #expect(try tree.sweep() == 0)
    for path in other { #expect(scratch.exists(scratch.target + "/" + path)) }
    #expect(try tree.status(Array("c/\(name)".utf8))?.kind == .symlink)
    #expect(try tree.status(Array("e/\(name)".utf8))?.kind == .directory)
    #expect(errorNumber { _ = try tree.removeTemporaries(in: [120]) } == ENOENT)
    // The names that files get are of this form.
    #expect(TemporaryNames.isTemporary(TemporaryNames().next()))
  }

  @Test func closedDirectoriesOpenAgain() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    try tree.makeDirectory(Array("a/b".utf8))
    var closed = WriteScratch.entry(0o040000)
    closed.flags = geteuid() == 0 ? 0x10 : 0
    _ = try tree.apply(closed, at: Array("a/b".utf8))
    closed.flags = 0
    _ = try tree.apply(closed, at: [97])
    let fresh = try scratch.open()
    try fresh.makeDirectory([97])
    try fresh.makeDirectory(Array("a/b".utf8))
    try fresh.put("a/b/f", "x", WriteScratch.entry(0o100644))
    #expect(try scratch.mode("a/b") == 0o700)
    #expect(try scratch.bytes("a/b/f") == [120])
  }

  @Test func whatIsThereCanBeChecked() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    let entry = WriteScratch.entry(0o100644)
    try tree.put("f", "hello", entry)
    let file = try tree.open([102])
    #expect(file.status.size == 5 && file.status.mtime == entry.mtime)
    var buffer = [UInt8](repeating: 0, count: 8)
    let got = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(into: $0, at: 1) }
    #expect(got == 4)
    #expect(buffer.prefix(4) == Array("ello".utf8)[...])
    // A complete file may get its metadata once more.
    let changed = WriteScratch.entry(0o100400, seconds: 9)
    #expect(try tree.apply(changed, at: [102]) == [])
    #expect(try scratch.mode("f") == 0o400)
    #expect(try scratch.time("f") == changed.mtime)
    // But not one that has names elsewhere, unless the snapshot says so.
    try tree.makeHardLink(existing: [102], [103])
    #expect(errorNumber { _ = try tree.apply(changed, at: [103]) } == EPERM)
    var linked = changed
    linked.hardlink = [1, 2, 3, 4, 5, 6, 7, 8]
    #expect(try tree.apply(linked, at: [103]) == [])
  }
}
