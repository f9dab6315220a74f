// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

struct WalkExclusionTests {
  private static let tag = "Signature: 8a477f597d28d172789f06886806bc55\n# more"

  @Test func keepsOnlyTheTagOfACacheDirectory() throws {
    let scratch = try Scratch()
    try scratch.file("cache/CACHEDIR.TAG", Self.tag)
    try scratch.file("cache/AAA")
    try scratch.file("cache/sub/deep")
    try scratch.file("false/CACHEDIR.TAG", "Signature: something else")
    try scratch.file("false/kept")
    try scratch.file("link/kept")
    scratch.shell("ln -s ../cache/CACHEDIR.TAG link/CACHEDIR.TAG")
    var walk = try WalkResult([scratch.root])
    #expect(
      walk.names(scratch) == [
        "cache", "cache/CACHEDIR.TAG", "false", "false/CACHEDIR.TAG", "false/kept", "link",
        "link/CACHEDIR.TAG", "link/kept",
      ])
    #expect(walk.counts.cacheDirectories == 1)
    // One that was asked for by name is wanted.
    #expect(try WalkResult([scratch.path("cache")]).names(scratch).count == 5)
    #expect(
      try WalkResult([scratch.root, scratch.path("cache/sub")]).names(scratch)
        .contains("cache/sub/deep"))
    var options = WalkOptions()
    options.defaultExcludes = false
    walk = try WalkResult([scratch.root], options)
    #expect(walk.names(scratch).contains("cache/sub/deep"))
    #expect(walk.counts == WalkCounts())
  }

  @Test func leavesItsOwnDirectoriesOut() throws {
    let scratch = try Scratch()
    try scratch.file("repo/conf")
    try scratch.file("cache/table")
    try scratch.file("data")
    var options = WalkOptions()
    options.repositoryPaths = [try #require(FileIdentity(path: scratch.path("repo")))]
    options.ownPaths = [try #require(FileIdentity(path: scratch.path("cache")))]
    var walk = try WalkResult([scratch.root], options)
    #expect(walk.names(scratch) == ["data"])
    #expect(walk.counts.repository == 1)
    #expect(walk.counts.ownDirectories == 1)
    walk = try WalkResult([scratch.path("cache"), scratch.path("repo")], options)
    #expect(walk.names(scratch) == ["cache", "cache/table"])
    options.defaultExcludes = false
    walk = try WalkResult([scratch.root], options)
    #expect(walk.names(scratch) == ["cache", "cache/table", "data"])
    #expect(walk.counts.repository == 1)
    #expect(FileIdentity(path: scratch.path("none")) == nil)
  }

  @Test func appliesIgnoreFiles() throws {
    let scratch = try Scratch()
    try scratch.file(".snapignore", "*.o\n/build/\n!keep.o\nsub/only-here\r\n[broken\n")
    for name in ["a.o", "keep.o", "build/x", "sub/build/x", "sub/only-here", "only-here"] {
      try scratch.file(name)
    }
    try scratch.file("sub/.snapignore", "!b.o\nkeep.o\n/anchored\n")
    for name in ["sub/b.o", "sub/keep.o", "sub/anchored", "sub/deep/anchored", "sub/c.o"] {
      try scratch.file(name)
    }
    let walk = try WalkResult([scratch.root])
    #expect(
      walk.names(scratch) == [
        ".snapignore", "keep.o", "only-here", "sub", "sub/.snapignore", "sub/b.o", "sub/build",
        "sub/build/x", "sub/deep", "sub/deep/anchored",
      ])
    #expect(walk.counts.excluded == 6)
    #expect(walk.problems.map(\.errno) == [EINVAL])
    #expect(walk.problems.first?.doing.contains("line 5") == true)
  }

  @Test func givenPatternsAreStrongest() throws {
    let scratch = try Scratch()
    try scratch.file(".snapignore", "*.log\n!b.tmp\n")
    for name in ["a.log", "b.tmp", "dir/a.log", "dir/x", "dir/sub/x", "x"] {
      try scratch.file(name)
    }
    var options = WalkOptions()
    options.excludes = try ["*.tmp", "!a.log", "/x"].map { pattern in try FilterPattern(pattern) }
    #expect(
      try WalkResult([scratch.root], options).names(scratch) == [
        ".snapignore", "a.log", "dir", "dir/a.log", "dir/sub", "dir/sub/x", "dir/x",
      ])
    // An absolute path names its place, whatever root it belongs to.
    options.excludes = [try FilterPattern(scratch.path("dir/s*/"))]
    #expect(!(try WalkResult([scratch.root], options).names(scratch).contains("dir/sub")))
    #expect(!(try WalkResult([scratch.path("dir")], options).names(scratch).contains("dir/sub")))
  }

  @Test func aRootIsNeverLeftOut() throws {
    let scratch = try Scratch()
    try scratch.file("out/in/deep/x")
    try scratch.file("out/other/y")
    try scratch.file("out/a.tmp")
    try scratch.file("z")
    var options = WalkOptions()
    options.excludes = try ["out/", "*.tmp"].map { pattern in try FilterPattern(pattern) }
    let walk = try WalkResult(
      [scratch.root, scratch.path("out/in"), scratch.path("out/a.tmp")], options)
    #expect(
      walk.names(scratch) == ["out/a.tmp", "out/in", "out/in/deep", "out/in/deep/x", "z"])
    #expect(walk.found(scratch.stored + Array("/out".utf8))?.isAncestor == true)
    #expect(walk.roots.count == 1)
  }

  @Test func keepsToOneFileSystem() throws {
    let scratch = try Scratch()
    try scratch.file("a/x")
    try scratch.directory("mnt")
    guard scratch.shell("mount -t tmpfs -o size=1m none mnt 2>/dev/null") == 0 else {
      Scratch.note("--one-file-system, which needs mount")
      return
    }
    defer { scratch.shell("umount mnt || umount -l mnt") }
    try scratch.file("mnt/sub/inside")
    try scratch.file("z")
    var options = WalkOptions()
    #expect(try WalkResult([scratch.root]).names(scratch).contains("mnt/sub/inside"))
    options.oneFileSystem = true
    var walk = try WalkResult([scratch.root], options)
    #expect(walk.names(scratch) == ["a", "a/x", "mnt", "z"])
    #expect(walk.counts.otherFileSystems == 1)
    // Both were asked for.
    walk = try WalkResult([scratch.root, scratch.path("mnt")], options)
    #expect(walk.names(scratch) == ["a", "a/x", "mnt", "mnt/sub", "mnt/sub/inside", "z"])
    #expect(walk.counts.otherFileSystems == 0)
    walk = try WalkResult([scratch.root, scratch.path("mnt/sub")], options)
    #expect(walk.names(scratch) == ["a", "a/x", "mnt/sub", "mnt/sub/inside", "z"])
  }
}
