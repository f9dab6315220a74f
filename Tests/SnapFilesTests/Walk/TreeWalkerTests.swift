// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

struct TreeWalkerTests {
  @Test func givesEveryKindInOrder() throws {
    let scratch = try Scratch()
    try scratch.file("a/one")
    try scratch.file("a.txt")
    try scratch.file("a-b")
    try scratch.directory("empty")
    scratch.shell("mkfifo pipe; ln -s a link; ln a.txt hard; ln -s nowhere dangling")
    let isRoot = geteuid() == 0 && scratch.shell("mknod null c 1 3 2>/dev/null") == 0
    if !isRoot { Scratch.note("devices") }
    let walk = try WalkResult([scratch.root])
    #expect(walk.problems.isEmpty)
    let device = isRoot ? ["null"] : []
    #expect(
      walk.names(scratch) == ["a", "a/one", "a-b", "a.txt", "dangling", "empty", "hard", "link"]
        + device + ["pipe"])
    let kinds = Dictionary(
      uniqueKeysWithValues: walk.entries.filter { !$0.isAncestor }
        .map { ($0.path.dropFirst(scratch.stored.count), $0) })
    #expect(kinds[Array("/pipe".utf8)[...]]?.status.kind == .fifo)
    #expect(kinds[Array("/link".utf8)[...]]?.status.kind == .symlink)
    #expect(kinds[Array("/a".utf8)[...]]?.status.kind == .directory)
    let (hard, text) = (kinds[Array("/hard".utf8)[...]], kinds[Array("/a.txt".utf8)[...]])
    #expect(hard?.status.links == 2)
    #expect(hard?.status.identity == text?.status.identity)
    #expect(hard?.name == Array("hard".utf8))
    if isRoot { #expect(kinds[Array("/null".utf8)[...]]?.status.rdevMinor == 3) }
  }

  @Test func giveTheDirectoriesAboveARootOnce() throws {
    let scratch = try Scratch()
    try scratch.file("deep/x/one")
    try scratch.file("deep/y/two")
    try scratch.file("deep/z/three")
    let walk = try WalkResult([scratch.path("deep/y"), scratch.path("deep/x/one")])
    let top = scratch.stored
    let paths = walk.entries.map(\.path)
    let parts = String(decoding: top, as: UTF8.self).split(separator: "/")
    var expected = (1...parts.count).map { Array(parts[..<$0].joined(separator: "/").utf8) }
    let ancestors = expected.count + 2  // deep, deep/x
    for name in ["deep", "deep/x", "deep/x/one", "deep/y", "deep/y/two"] {
      expected.append(top + Array("/\(name)".utf8))
    }
    #expect(paths == expected)
    #expect(walk.entries.filter(\.isAncestor).count == ancestors)
    #expect(walk.roots.map(\.isDirectory) == [false, true])
    #expect(walk.roots.map(\.requested) == [scratch.path("deep/x/one"), scratch.path("deep/y")])
  }

  @Test func dropsRootsInsideOthers() throws {
    let scratch = try Scratch()
    try scratch.file("a/b/c")
    try scratch.file("a-b/d")
    let roots = ["a/b", "a", "a-b", "a", "a/b/c"].map(scratch.path)
    let walk = try WalkResult(roots)
    #expect(walk.names(scratch) == ["a", "a/b", "a/b/c", "a-b", "a-b/d"])
    #expect(walk.roots.map(\.requested) == [scratch.path("a"), scratch.path("a-b")])
  }

  @Test func followsARootThatIsALink() throws {
    let scratch = try Scratch()
    try scratch.file("real/one")
    scratch.shell("ln -s real/ link; ln -s real/one file")
    let walk = try WalkResult([scratch.path("link")])
    #expect(walk.names(scratch) == ["real", "real/one"])
    #expect(walk.roots.first?.path == scratch.stored + Array("/real".utf8))
    #expect(try WalkResult([scratch.path("file")]).names(scratch) == ["real/one"])
  }

  @Test func startsAtTheCurrentDirectory() throws {
    let scratch = try Scratch()
    try scratch.file("one")
    let here = unsafe try #require(getcwd(nil, 0))
    defer { unsafe free(here) }
    let depth = unsafe String(cString: here).split(separator: "/").count
    let relative = String(repeating: "../", count: depth) + scratch.root.dropFirst()
    #expect(try WalkResult([relative]).names(scratch) == ["one"])
  }

  @Test func refusesRootsThatAreNotThere() throws {
    let scratch = try Scratch()
    for (name, error) in [("none", ENOENT), ("a\0b", EINVAL)] {
      let thrown = #expect(throws: FileError.self) { try WalkResult([scratch.path(name)]) }
      #expect(thrown?.errno == error)
      #expect(thrown?.path == Array(scratch.path(name).utf8))
    }
    #expect(throws: FileError.self) { try WalkResult([""]) }
    #expect(try WalkResult([]).entries.isEmpty)
  }

  @Test func leavesTheEmptyPathOutAndStoresWithoutSlash() throws {
    var walker = try TreeWalker(roots: ["/"], options: WalkOptions())
    guard case .entry(let first)? = walker.next() else {
      Issue.record("a problem came first")
      return
    }
    #expect(!first.path.isEmpty)
    #expect(!first.path.contains(0x2F))
    #expect(!first.isAncestor)
    #expect(walker.roots.first?.path == [])
  }

  @Test func keepsNamesOfAnyBytes() throws {
    let scratch = try Scratch()
    let names: [[UInt8]] = [
      [0x01], Array("line\nbreak".utf8), Array(repeating: 0x78, count: 255), [0xC3, 0x28], [0xFF],
      [0xFF, 0xFE],
    ]
    for name in names.reversed() { try scratch.file(name) }
    let walk = try WalkResult([scratch.root])
    #expect(walk.entries.filter { !$0.isAncestor }.dropFirst().map(\.name) == names)
  }

  @Test func reportsWhatCannotBeListedAndGoesOn() throws {
    let scratch = try Scratch()
    try scratch.file("locked/inner")
    try scratch.file("open/inner")
    scratch.shell("chmod 0 locked")
    var walk = try WalkResult([scratch.root])
    if walk.problems.isEmpty {
      // Root may read everything: a user without rights walks instead, on this thread only.
      let before = setfsuid(65534)
      defer { _ = setfsuid(UInt32(bitPattern: before)) }
      scratch.shell("chmod 755 .")
      walk = try WalkResult([scratch.root])
    }
    #expect(walk.names(scratch) == ["locked", "open", "open/inner"])
    #expect(walk.problems.map(\.errno) == [EACCES])
    #expect(walk.problems.first?.path == scratch.stored + Array("/locked".utf8))
    #expect(walk.problems.first?.description.hasSuffix("/locked: Permission denied") == true)
  }

  @Test func countsSockets() throws {
    let scratch = try Scratch()
    try scratch.file("one")
    let handle = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(handle) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      unsafe room.copyBytes(from: scratch.path("sock").utf8)
    }
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    let walk = try WalkResult([scratch.root])
    #expect(walk.names(scratch) == ["one"])
    #expect(walk.counts.sockets == 1)
  }

  @Test func printsAnyPath() {
    let error = FileError(path: [0x61, 0x0A, 0xFF, 0xC3, 0xA4], errno: ENOENT, doing: "open")
    #expect(error.description == "cannot open a\\x0a\\xffä: No such file or directory")
  }
}

@_silgen_name("setfsuid")
private func setfsuid(_ uid: UInt32) -> Int32
