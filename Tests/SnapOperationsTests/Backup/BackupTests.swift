// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapCatalogue
import SnapFormat
import SnapRepository
import SnapStorage
import SnapTesting
import Testing

@testable import SnapOperations

/// Real folders there and back again.
@Suite struct BackupTests {
  /// Backs up, restores with another computer, compares, verifies.
  private func expectRoundTrip(_ bench: OperationBench) async throws -> BackupReport {
    let report = try await bench.backup(bench.open())
    #expect(report.problems.isEmpty)
    let other = try await bench.open(computer: "other")
    let restored = try await bench.restore(report.id, other, to: "out")
    #expect(restored.damaged.isEmpty && restored.problems.isEmpty && restored.repaired.isEmpty)
    #expect(restored.files == report.snapshot.statistics.files)
    #expect(try bench.isSame("out"))
    #expect(!FileMaker.exists(bench.folder.file("out/.snap-restore")))
    #expect(try await bench.verify(other).findings.isEmpty)
    return report
  }

  @Test(arguments: [false, true])
  func anEmptyFolder(isLocal: Bool) async throws {
    let report = try await expectRoundTrip(OperationBench(isLocal: isLocal))
    #expect(report.snapshot.statistics.files == 0)
    #expect(report.snapshot.partial == .whole)
  }

  @Test(arguments: [false, true])
  func filesOfAllSizes(isLocal: Bool) async throws {
    var random = SeededRandom.fresh()
    let bench = try await OperationBench(isLocal: isLocal)
    for size in [0, 1, 511, 512, 513, 4096, 65_536, 1_000_000, 5_000_000] {
      try FileMaker.write(random.bytes(size), to: "\(bench.source)/\(size)", mode: 0o640)
    }
    try FileMaker.makeDirectory(bench.source + "/a/b/c")
    try FileMaker.makeLink(bench.source + "/a/link", to: "../nowhere")
    try FileMaker.write("x", to: bench.source + "/a/b/name\n \u{e9}")
    let report = try await expectRoundTrip(bench)
    #expect(report.snapshot.statistics.files == 10)
    #expect(report.snapshot.statistics.newFiles == 10)
  }

  @Test func oneFileAsARoot() async throws {
    let bench = try await OperationBench()
    try FileMaker.write("content", to: bench.source + "/file")
    let report = try await bench.backup(bench.open(), roots: [bench.source + "/file"])
    _ = try await bench.restore(report.id, bench.open(), to: "out")
    #expect(try FileMaker.read(bench.folder.file("out/file")) == Array("content".utf8))
    #expect(try FileMaker.names(in: bench.folder.file("out")) == ["file"])
  }

  @Test func thousandsOfSmallFiles() async throws {
    let bench = try await OperationBench()
    for i in 0..<5000 {
      let folder = "\(bench.source)/d\(i / 500)"
      if i % 500 == 0 { try FileMaker.makeDirectory(folder) }
      try FileMaker.write("file \(i)", to: "\(folder)/\(i)")
    }
    let report = try await expectRoundTrip(bench)
    #expect(report.snapshot.statistics.files == 5000)
    let again = try await bench.backup(bench.open())
    #expect(again.unchangedFiles == 5000 && again.snapshot.statistics.newFiles == 0)
    #expect(again.bytesWritten < 10_000)
  }

  @Test func aSparseFileKeepsItsHoles() async throws {
    let bench = try await OperationBench(isLocal: true)
    let path = bench.source + "/sparse"
    var random = SeededRandom(seed: 91)
    try FileMaker.write(random.bytes(100_000), to: path)
    try FileMaker.setLength(24 << 20, of: path)
    let report = try await bench.backup(bench.open())
    #expect(report.snapshot.statistics.bytes == 24 << 20)
    #expect(report.snapshot.statistics.newBytes < 1 << 20)
    _ = try await bench.restore(report.id, bench.open(), to: "out")
    let size = try required(FileMaker.size(of: bench.folder.file("out/source/sparse")))
    #expect(size.length == 24 << 20 && size.allocated < 1 << 20)
    let head = try FileMaker.read(path).prefix(100_000)
    let restored = try FileMaker.read(bench.folder.file("out/source/sparse"))
    #expect(restored.prefix(100_000) == head)
    #expect(restored.dropFirst(100_000).allSatisfy { $0 == 0 })
  }

  @Test func equalFilesAreStoredOnce() async throws {
    var random = SeededRandom.fresh()
    let bench = try await OperationBench()
    let content = random.bytes(700_000)
    for i in 0..<8 { try FileMaker.write(content, to: "\(bench.source)/\(i)") }
    let report = try await expectRoundTrip(bench)
    #expect(report.snapshot.statistics.bytes == 8 * 700_000)
    #expect(report.bytesWritten < 900_000)
  }

  @Test func hardLinksAndTimesComeBack() async throws {
    let bench = try await OperationBench()
    try FileMaker.write("twice", to: bench.source + "/one")
    #expect(unsafe link(bench.source + "/one", bench.source + "/two") == 0)
    let report = try await expectRoundTrip(bench)
    #expect(report.snapshot.statistics.files == 2)
  }

  @Test func severalRootsAndAPathOfOne() async throws {
    let bench = try await OperationBench()
    for root in ["x/photos", "y/photos", "z"] {
      try FileMaker.makeDirectory("\(bench.source)/\(root)")
      try FileMaker.write(root, to: "\(bench.source)/\(root)/file")
    }
    let report = try await bench.backup(
      bench.open(), roots: ["x/photos", "y/photos", "z"].map { "\(bench.source)/\($0)" })
    let repository = try await bench.open()
    _ = try await bench.restore(report.id, repository, to: "out")
    for root in ["x/photos", "y/photos", "z"] {
      #expect(try FileMaker.read(bench.folder.file("out/\(root)/file")) == Array(root.utf8))
    }
    let path = Array((bench.source + "/y/photos/file").utf8.dropFirst())
    _ = try await bench.restore(report.id, repository, path: path, to: "part")
    #expect(try FileMaker.names(in: bench.folder.file("part")) == ["file"])
  }

  @Test func aRootThatIsMissingIsAnErrorAndWritesNothing() async throws {
    let bench = try await OperationBench()
    let before = try await bench.names()
    await #expect(throws: (any Error).self) {
      try await bench.backup(bench.open(), roots: [bench.source + "/none"])
    }
    #expect(try await bench.names() == before)
  }

  @Test func twoBackupsAtOnce() async throws {
    var random = SeededRandom(seed: 92)
    let bench = try await OperationBench()
    for i in 0..<20 {
      try FileMaker.write(random.bytes(50_000), to: "\(bench.source)/\(i)")
    }
    let ids = try await withThrowingTaskGroup(of: ObjectID?.self) { group in
      for computer in ["a", "b"] {
        group.addTask { try await bench.backup(bench.open(computer: computer)).id }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for (i, id) in ids.enumerated() {
      _ = try await bench.restore(id, bench.open(), to: "out\(i)")
      #expect(try bench.isSame("out\(i)"))
    }
    #expect(try await bench.names("pend/").isEmpty)
  }

  @Test func aWriteOnlyComputerBacksUpAndFindsWhatIsKnown() async throws {
    var random = SeededRandom(seed: 93)
    let bench = try await OperationBench()
    try FileMaker.write(random.bytes(300_000), to: bench.source + "/file")
    let ring = try bench.ring.reduced(to: .writeOnly)
    _ = try await bench.backup(bench.open(computer: "w", ring: ring))
    // The catalogue is lost, and cannot be filled from a snapshot.
    let repository = try await bench.open(computer: "w2", ring: ring)
    let second = try await bench.backup(repository)
    #expect(second.unchangedFiles == 0)
    #expect(second.bytesWritten < 10_000)
    await #expect(throws: RepositoryError.self) { try await SnapshotList(repository) }
    _ = try await bench.restore(second.id, bench.open(), to: "out")
    #expect(try bench.isSame("out"))
  }
}
