// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapRepository
import SnapTesting
import Testing

@testable import SnapOperations

/// Whatever a snapshot says, nothing outside the target is touched.
@Suite struct HostileRestoreTests {
  /// Restores a hostile tree into `play/target`, beside `play/outside` that holds one file.
  private func restore(
    _ entries: [Entry], paths: [String] = ["/"], chunks: [[UInt8]] = []
  ) async throws -> (
    report: RestoreReport?, error: (any Error)?, target: [String: Nodes.Node]
  ) {
    let bench = try await OperationBench()
    let repository = try await bench.open()
    var raw = RawSnapshot(bench: bench, repository: repository)
    raw.paths = paths.map { Array($0.utf8) }
    let id = try await raw.commit(entries, chunks: chunks)
    let play = bench.folder.file("play")
    try FileMaker.makeDirectory(play + "/outside")
    try FileMaker.write("mine", to: play + "/outside/file")
    try FileMaker.makeDirectory(play + "/target")
    let before = try Nodes.read(play + "/outside")
    var report: RestoreReport?
    var failure: (any Error)?
    do { report = try await bench.restore(id, repository, to: "play/target") } catch {
      failure = error
    }
    #expect(try Nodes.read(play + "/outside") == before)
    #expect(try FileMaker.names(in: play) == ["outside", "target"])
    #expect(
      try FileMaker.names(in: bench.folder.path) == ["computers", "play", "source"])
    return (report, failure, try Nodes.read(play + "/target"))
  }

  @Test(arguments: [
    "../escaped", "../outside/file", "a/../../escaped", "/absolute", "a//b", "a/./b", ".", "..",
    "a/", "a/..", "", "nul\0byte",
  ])
  func anUnsafePathIsNoTree(path: String) async throws {
    let (report, error, target) = try await restore([RawSnapshot.file(path)])
    // The node is refused as a whole: it is damage, not an entry that is left out.
    let isRefused =
      (error as? RepositoryError)?.code == .damaged || report?.damaged.isEmpty == false
    #expect(isRefused, "\(path.debugDescription)")
    #expect(target.keys.allSatisfy { $0.isEmpty || $0 == ".snap-restore" })
  }

  @Test(arguments: ["../outside", "/tmp", "."])
  func aLinkIsNeverFollowed(linkTarget: String) async throws {
    var directory = RawSnapshot.directory("a/dir")
    directory.mtime = FileTime(seconds: 5)
    let entries = [
      RawSnapshot.link("a", linkTarget), directory, RawSnapshot.file("a/dir/deep"),
      RawSnapshot.file("a/file", "evil"), RawSnapshot.link("a/link", "x"),
      RawSnapshot.file("b", "good"),
    ]
    let (report, error, target) = try await restore(entries)
    #expect(error == nil)
    #expect(report?.files == 1)
    #expect(report?.problems.count == 4)
    #expect(Set(target.keys) == ["", "a", "b"])
    #expect(target["a"]?.content == Array(linkTarget.utf8))
    #expect(target["b"]?.content == Array("good".utf8))
  }

  @Test func aFileIsNoFolder() async throws {
    let (report, error, target) = try await restore([
      RawSnapshot.file("a", "file"), RawSnapshot.file("a/b"), RawSnapshot.directory("a/c"),
      RawSnapshot.file("d"),
    ])
    #expect(error == nil)
    #expect(target["d"] != nil && target["a"] != nil)
    // Which of the two wins is open; what could not be made is named.
    #expect((report?.problems.count ?? 0) >= 1)
  }

  @Test func pathsTwiceOrOutOfOrderAreNoTree() async throws {
    for entries in [
      [RawSnapshot.file("a", "1"), RawSnapshot.file("a", "2")],
      [RawSnapshot.link("a", "../outside"), RawSnapshot.directory("a")],
      [RawSnapshot.file("b"), RawSnapshot.file("a")],
      [RawSnapshot.file("a-b"), RawSnapshot.file("a/b")],
    ] {
      let (report, error, _) = try await restore(entries)
      #expect(
        (error as? RepositoryError)?.code == .damaged || report?.damaged.isEmpty == false)
    }
  }

  @Test func aHardLinkToALinkMakesNothingOutside() async throws {
    var link = RawSnapshot.link("a", "../outside/file")
    link.hardlink = [1, 2, 3, 4, 5, 6, 7, 8]
    var file = RawSnapshot.file("b", "evil")
    file.hardlink = link.hardlink
    var twin = link
    twin.path = Array("c".utf8)
    let (report, error, target) = try await restore([link, file, twin])
    #expect(error == nil && report?.problems.isEmpty == true)
    #expect(target["b"]?.content == Array("evil".utf8))
    #expect(target["c"]?.content == Array("../outside/file".utf8))
  }

  @Test(arguments: ["/..", "/../..", "/a/..", "/.", "//", "/a/../../outside", "outside/.."])
  func rootsThatLeadOutAreNotFollowed(root: String) async throws {
    let entries = [
      RawSnapshot.directory("a"), RawSnapshot.file("a/b"), RawSnapshot.file("outside"),
    ]
    _ = try await restore(entries, paths: [root])
  }

  @Test func anEntryOfTheMarkersNameDoesNotEndTheRestore() async throws {
    let (report, error, target) = try await restore([
      RawSnapshot.link(".snap-restore", "../outside/file"), RawSnapshot.file("b"),
    ])
    #expect(error == nil)
    #expect(report?.problems.count == 1)
    #expect(target["b"] != nil)
  }

  @Test func sizesThatLieAreDamageOrAProblem() async throws {
    let chunk = Array("twelve bytes".utf8)
    func entry(
      _ path: String, _ dedup: DedupKeys, _ change: (inout Entry) -> Void
    ) throws -> Entry {
      var entry = Entry(path: Array(path.utf8), mode: 0o100644)
      entry.content.ids = [try dedup.dataIDs().id(of: chunk)]
      entry.content.lengths = [UInt64(chunk.count)]
      entry.size = UInt64(chunk.count)
      change(&entry)
      return entry
    }
    let bench = try await OperationBench()
    let repository = try await bench.open()
    let dedup = try required(bench.ring.dedup)
    let entries = [
      try entry("good", dedup) { _ in },
      try entry("huge", dedup) {
        $0.content.ids = [.hole]
        $0.content.lengths = [1 << 62]
        $0.size = 1 << 62
      },
      try entry("length", dedup) {
        $0.content.lengths = [5]
        $0.size = 5
      },
    ]
    var raw = RawSnapshot(bench: bench, repository: repository)
    raw.paths = [Array("/".utf8)]
    let id = try await raw.commit(entries, chunks: [chunk])
    let report = try await bench.restore(id, repository, to: "out")
    let nodes = try Nodes.read(bench.folder.file("out"))
    #expect(Set(nodes.keys) == ["", "good"])
    #expect(nodes["good"]?.content == chunk)
    #expect(report.damaged.map(\.path) == [Array("length".utf8)])
    #expect(report.problems.count == 1)
  }
}
