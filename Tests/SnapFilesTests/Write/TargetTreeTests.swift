// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

@Suite struct TargetTreeTests {
  @Test func targetIsPrivateUntilReleased() throws {
    let scratch = try WriteScratch()
    let path = scratch.target + "/x/y"
    let tree = try TargetTree(path: path)
    #expect(try tree.isEmpty())
    #expect(try scratch.mode("x/y") == 0o700)
    #expect(try tree.freeBytes() > 0)
    try tree.release()
    // What a sibling got by the umask.
    #expect(try scratch.mode("x/y") == scratch.mode("x"))
    try tree.put("f", "x", WriteScratch.entry(0o100644))
    #expect(try !tree.isEmpty())
    try tree.sync()
    // One that was there keeps its mode.
    WriteScratch.shell("mkdir -m 0751 '\(scratch.target)/z'")
    let other = try TargetTree(path: scratch.target + "/z/")
    try other.release()
    #expect(try scratch.mode("z") == 0o751)
    #expect(errorNumber { _ = try TargetTree(path: path + "/f") } == ENOTDIR)
    #expect(errorNumber { _ = try TargetTree(path: path + "/f/g") } == ENOTDIR)
    #expect(errorNumber { _ = try TargetTree(path: "") } == ENOENT)
    #expect(errorNumber { _ = try TargetTree(path: "a\0b") } == EINVAL)
  }

  static let unsafePaths: [[UInt8]] = [
    "", ".", "..", "/", "/etc", "a/", "/a", "a//b", "a/./b", "a/../b", "../a", "a/..", "./a",
    "a\0b",
    String(repeating: "n", count: 256), "a/" + String(repeating: "n", count: 256),
    String(repeating: "a/", count: 32_768) + "a",
  ].map { Array($0.utf8) }

  @Test(arguments: unsafePaths)
  func unsafePath(path: [UInt8]) throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    let file = WriteScratch.entry(0o100644)
    #expect(errorNumber { try tree.makeDirectory(path) } == EINVAL)
    #expect(errorNumber { _ = try tree.createFile(path, size: 0) } == EINVAL)
    #expect(errorNumber { try tree.makeSymlink(path, target: [97]) } == EINVAL)
    #expect(errorNumber { try tree.makeNode(path, WriteScratch.entry(0o010644)) } == EINVAL)
    #expect(errorNumber { try tree.makeHardLink(existing: [97], path) } != nil)
    #expect(errorNumber { try tree.makeHardLink(existing: path, [98]) } == EINVAL)
    #expect(errorNumber { _ = try tree.apply(file, at: path) } == EINVAL)
    #expect(errorNumber { _ = try tree.status(path) } == EINVAL)
    #expect(errorNumber { _ = try tree.open(path) } == EINVAL)
    #expect(errorNumber { _ = try tree.symlinkTarget(path) } == EINVAL)
    #expect(errorNumber { try tree.remove(path) } == EINVAL)
    if !path.isEmpty { #expect(errorNumber { _ = try tree.removeTemporaries(in: path) } == EINVAL) }
    #expect(try tree.isEmpty())
  }

  @Test(arguments: [false, true])
  func linksAreNeverFollowed(plainCalls: Bool) throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open(plainCalls: plainCalls)
    let outside = scratch.root + "/outside"
    let secret = "printf secret > '\(outside)/f' && chmod 0640 '\(outside)/f'"
    #expect(WriteScratch.shell("mkdir '\(outside)' && \(secret)") == 0)
    // One link to a directory, one below a real directory, one to a file.
    try tree.makeSymlink([100], target: Array(outside.utf8))
    try tree.makeSymlink(Array("e/d".utf8), target: Array("../../outside".utf8))
    try tree.makeSymlink(Array("l".utf8), target: Array((outside + "/f").utf8))
    let file = WriteScratch.entry(0o100777)
    for below in ["d", "e/d"] {
      let path = Array((below + "/f").utf8)
      let new = Array((below + "/new").utf8)
      let deep = Array((below + "/x/y/z").utf8)
      let refused: [Int32] = [ELOOP, ENOTDIR]
      #expect(refused.contains(errorNumber { _ = try tree.createFile(new, size: 0) } ?? 0))
      #expect(refused.contains(errorNumber { _ = try tree.createFile(deep, size: 0) } ?? 0))
      #expect(refused.contains(errorNumber { try tree.makeDirectory(new) } ?? 0))
      #expect(refused.contains(errorNumber { try tree.makeSymlink(new, target: [97]) } ?? 0))
      #expect(refused.contains(errorNumber { try tree.makeHardLink(existing: path, [104]) } ?? 0))
      #expect(refused.contains(errorNumber { _ = try tree.apply(file, at: path) } ?? 0))
      #expect(refused.contains(errorNumber { _ = try tree.status(path) } ?? 0))
      #expect(refused.contains(errorNumber { _ = try tree.open(path) } ?? 0))
      #expect(refused.contains(errorNumber { try tree.remove(path) } ?? 0))
      #expect(errorNumber { try tree.makeDirectory(Array(below.utf8)) } == EEXIST)
      let directory = WriteScratch.entry(0o040777)
      #expect(errorNumber { _ = try tree.apply(directory, at: Array(below.utf8)) } == EEXIST)
    }
    #expect(errorNumber { _ = try tree.apply(file, at: [108]) } == EEXIST)
    #expect(errorNumber { _ = try tree.open([108]) } == EEXIST)
    #expect(errorNumber { try tree.put("l", "changed", file) } == EEXIST)
    // A hard link to the link is one more link, not the file.
    try tree.makeHardLink(existing: [108], [109])
    #expect(try tree.symlinkTarget([109]) == Array((outside + "/f").utf8))
    try tree.sweep()
    let script = "cd '\(outside)' && test \"$(ls)\" = f && test \"$(cat f)\" = secret"
    #expect(WriteScratch.shell(script + " && test \"$(stat -c %a .. f)\" = '700\n640'") == 0)
  }

  @Test(arguments: [false, true])
  func directoryReplacedByLink(plainCalls: Bool) throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open(plainCalls: plainCalls)
    try tree.makeDirectory(Array("a/b".utf8))
    let swap = "mkdir '\(scratch.root)/outside' && cd '\(scratch.target)' && mv a old"
    #expect(WriteScratch.shell(swap + " && ln -s ../outside a && mkdir ../outside/b") == 0)
    let entry = WriteScratch.entry(0o100644)
    let fresh = try scratch.open(plainCalls: plainCalls)
    let refused: [Int32] = [ELOOP, ENOTDIR]
    #expect(refused.contains(errorNumber { try fresh.put("a/b/f", "x", entry) } ?? 0))
    #expect(refused.contains(errorNumber { try fresh.put("a/f", "x", entry) } ?? 0))
    // Who had the directory open goes on in the old one.
    try tree.put("a/f", "x", entry)
    #expect(try scratch.bytes("old/f") == [120])
    #expect(WriteScratch.shell("test -z \"$(find '\(scratch.root)/outside' -type f)\"") == 0)
  }

  @Test(arguments: [false, true])
  func pathsBeyondPathMax(plainCalls: Bool) throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open(plainCalls: plainCalls)
    let component = [UInt8](repeating: 97, count: 199) + [UInt8(ascii: "/")]
    let folder = Array(Array(repeating: component, count: 60).joined().dropLast())
    let path = folder + Array("/file".utf8)
    let entry = WriteScratch.entry(0o100640)
    let file = try tree.createFile(path, size: 3)
    try unsafe Array("abc".utf8).withUnsafeBytes { try unsafe file.write($0, at: 0) }
    #expect(try file.finish(entry) == [])
    // A fresh object knows no directory.
    let fresh = try scratch.open(plainCalls: plainCalls)
    let status = try #require(try fresh.status(path))
    #expect(status.size == 3 && status.mtime == entry.mtime && status.mode == 0o100640)
    try fresh.makeHardLink(existing: path, folder + Array("/link".utf8))
    #expect(try fresh.status(path)?.linkCount == 2)
    #expect(try fresh.apply(WriteScratch.entry(0o040500), at: folder) == [])
    #expect(try fresh.status(folder)?.mode == 0o040500)
    // 3,000 levels.
    let deep = Array(repeating: Array("d".utf8), count: 3_000).joined(separator: [47])
    try fresh.makeDirectory(Array(deep))
    #expect(try fresh.status(Array(deep))?.kind == .directory)
  }

  @Test func everyKind() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    try tree.makeSymlink([108], target: Array("no/where".utf8))
    let link = WriteScratch.entry(0o120777, seconds: -5)
    #expect(try tree.apply(link, at: [108]) == [])
    #expect(try tree.symlinkTarget([108]) == Array("no/where".utf8))
    #expect(try scratch.time("l") == link.mtime)
    let fifo = WriteScratch.entry(0o010622)
    try tree.makeNode([112], fifo)
    #expect(try tree.apply(fifo, at: [112]) == [])
    #expect(try scratch.status("p").st_mode == 0o010622)
    #expect(try scratch.time("p") == fifo.mtime)
    for taken in [[108], [112]] as [[UInt8]] {
      #expect(errorNumber { try tree.makeSymlink(taken, target: [97]) } == EEXIST)
      #expect(errorNumber { try tree.makeNode(taken, fifo) } == EEXIST)
      #expect(errorNumber { try tree.makeDirectory(taken) } == EEXIST)
      #expect(errorNumber { try tree.makeHardLink(existing: [108], taken) } == EEXIST)
    }
    #expect(errorNumber { try tree.makeNode([115], WriteScratch.entry(0o140755)) } == ENOTSUP)
    #expect(errorNumber { try tree.makeSymlink([115], target: []) } == EINVAL)
    #expect(errorNumber { try tree.makeSymlink([115], target: [97, 0]) } == EINVAL)
    #expect(errorNumber { _ = try tree.open([112]) } == EEXIST)
    var device = WriteScratch.entry(0o020640)
    (device.rdevMajor, device.rdevMinor) = (1, 300)
    let refused = errorNumber { try tree.makeNode([99], device) }
    if geteuid() != 0 { #expect(refused == EPERM) }
    guard refused == nil else { return WriteScratch.note("devices") }
    #expect(try tree.apply(device, at: [99]) == [])
    let status = try #require(try tree.status([99]))
    #expect(status.mode == 0o020640 && status.rdevMajor == 1 && status.rdevMinor == 300)
  }

  @Test func hardLinks() throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    try tree.put("a/f", "x", WriteScratch.entry(0o100644))
    try tree.makeHardLink(existing: Array("a/f".utf8), Array("b/c/g".utf8))
    #expect(try scratch.status("b/c/g").st_ino == scratch.status("a/f").st_ino)
    #expect(errorNumber { try tree.makeHardLink(existing: [120], [121]) } == ENOENT)
    #expect(errorNumber { try tree.makeHardLink(existing: [97], [121]) } == EPERM)
    #expect(try tree.status([120]) == nil)
    #expect(try tree.status(Array("no/such/file".utf8)) == nil)
  }

  @Test func manyThreads() async throws {
    let scratch = try WriteScratch()
    let tree = try scratch.open()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        group.addTask {
          // More directories than the cache holds, all made by whoever is first.
          for n in 0..<150 {
            try tree.makeDirectory(Array("d\(n)".utf8))
            try tree.put("d\(n)/e/f\(worker)", "\(worker)-\(n)", WriteScratch.entry(0o100644))
          }
        }
      }
      try await group.waitForAll()
    }
    for n in 0..<150 {
      for worker in 0..<8 {
        #expect(try scratch.bytes("d\(n)/e/f\(worker)") == Array("\(worker)-\(n)".utf8))
      }
    }
    #expect(try tree.sweep() == 0)
  }

  @Test func oneFileFromManyThreads() async throws {
    let scratch = try WriteScratch()
    let piece = 10_000
    let file = try scratch.open().createFile([102], size: UInt64(piece * 16))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for part in 0..<16 {
        group.addTask {
          let bytes = [UInt8](repeating: UInt8(part), count: piece)
          try unsafe bytes.withUnsafeBytes { try unsafe file.write($0, at: UInt64(part * piece)) }
        }
      }
      try await group.waitForAll()
    }
    #expect(try file.finish(WriteScratch.entry(0o100644)) == [])
    let expected = (0..<16).flatMap { [UInt8](repeating: UInt8($0), count: piece) }
    #expect(try scratch.bytes("f") == expected)
  }
}
