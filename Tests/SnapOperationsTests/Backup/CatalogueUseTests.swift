// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapCatalogue
import SnapFormat
import SnapRepository
import SnapStorage
import SnapTesting
import Testing

@testable import SnapOperations

/// The catalogue saves time; whatever is in it, what is stored is right.
@Suite struct CatalogueUseTests {
  private func scene() async throws -> (OperationBench, Repository) {
    var random = SeededRandom(seed: 101)
    let bench = try await OperationBench()
    for i in 0..<12 {
      try FileMaker.write(
        random.bytes(i % 3 == 0 ? 100 : 20_000), to: "\(bench.source)/\(i)")
    }
    try FileMaker.makeDirectory(bench.source + "/folder")
    return (bench, try await bench.open())
  }

  private func expectRestores(
    _ report: BackupReport, _ bench: OperationBench, _ name: String = "out"
  ) async throws {
    _ = try await bench.restore(report.id, bench.open(computer: "other"), to: name)
    #expect(try bench.isSame(name), "\(name)")
  }

  @Test func anUnchangedTreeIsNotRead() async throws {
    let (bench, repository) = try await scene()
    let catalogue = Catalogue(path: nil)
    let first = try await bench.backup(repository, catalogue: catalogue)
    #expect(first.snapshot.statistics.newFiles == 12 && first.unchangedFiles == 0)
    let second = try await bench.backup(repository, catalogue: catalogue)
    #expect(second.unchangedFiles == 12)
    #expect(second.snapshot.statistics.newFiles == 0)
    try await expectRestores(second, bench)
    let rescan = try await bench.backup(repository, catalogue: catalogue) { $0.rescan = true }
    #expect(rescan.unchangedFiles == 0)
  }

  @Test func changesAreSeen() async throws {
    let (bench, repository) = try await scene()
    let catalogue = Catalogue(path: nil)
    try await bench.backup(repository, catalogue: catalogue)
    try FileMaker.write("other", to: bench.source + "/0")
    try FileMaker.remove(bench.source + "/1")
    try FileMaker.write("new", to: bench.source + "/new")
    #expect(unsafe chmod(bench.source + "/2", 0o644) == 0)
    // The same length and time again: only ctime tells.
    var status = stat()
    #expect(unsafe stat(bench.source + "/3", &status) == 0)
    try FileMaker.write([UInt8](repeating: 7, count: 100), to: bench.source + "/3")
    let times = [status.st_atim, status.st_mtim]
    #expect(unsafe utimensat(AT_FDCWD, bench.source + "/3", times, 0) == 0)
    let report = try await bench.backup(repository, catalogue: catalogue)
    #expect(report.unchangedFiles == 8)
    #expect(report.snapshot.statistics.changedFiles == 3)
    #expect(report.snapshot.statistics.newFiles == 1)
    #expect(report.removed == 1)
    try await expectRestores(report, bench)
  }

  @Test func aLostCatalogueIsFilledFromTheNewestSnapshot() async throws {
    let (bench, repository) = try await scene()
    try await bench.backup(repository, catalogue: Catalogue(path: nil))
    let report = try await bench.backup(repository, catalogue: Catalogue(path: nil))
    #expect(report.unchangedFiles == 12)
    try await expectRestores(report, bench)
    // Of another host, or of other folders: nothing to compare with.
    let other = try await bench.backup(repository, catalogue: Catalogue(path: nil)) {
      $0.host = "other"
    }
    #expect(other.unchangedFiles == 0)
  }

  @Test func aTreeThatCannotBeReadMeansReadingTheFiles() async throws {
    let (bench, repository) = try await scene()
    try await bench.backup(repository, catalogue: Catalogue(path: nil))
    let memory = try bench.memory
    for name in memory.names where name.text.contains("tree/") {
      var bytes = memory[name] ?? []
      bytes[100] ^= 1
      memory[name] = bytes
    }
    let report = try await bench.backup(bench.open(), catalogue: Catalogue(path: nil))
    #expect(report.unchangedFiles == 0)
    #expect(report.id != nil)
  }

  @Test func rowsThatLieAreFoundOut() async throws {
    let (bench, repository) = try await scene()
    let lies: [(String, (inout CataloguedEntry) -> Void)] = [
      ("size", { $0.entry.size += 1 }),
      ("mode", { $0.entry.mode ^= 0o111 }),
      ("mtime", { $0.entry.mtime.seconds -= 5 }),
      ("owner", { $0.entry.uid += 1 }),
      ("inode", { $0.identity?.inode += 1 }),
      (
        "a chunk that nobody has",
        {
          guard !$0.entry.content.ids.isEmpty else { return }
          $0.entry.content.ids[0] = BlobID([UInt8](repeating: 9, count: 32)) ?? .hole
        }
      ),
    ]
    for (number, (what, lie)) in lies.enumerated() {
      let catalogue = Catalogue(path: nil)
      // Read anew, for rows of this computer's own.
      try await bench.backup(repository, catalogue: catalogue) { $0.rescan = true }
      var rows: [CataloguedEntry] = []
      var cursor = catalogue.cursor(below: [[]])
      while let row = cursor.next() { if let entry = row.decoded() { rows.append(entry) } }
      #expect(rows.count > 12)
      var writer = catalogue.writer()
      for var row in rows {
        lie(&row)
        writer.put(row)
      }
      writer.finish()
      let report = try await bench.backup(repository, catalogue: catalogue)
      let inline: UInt64 = what.hasPrefix("a chunk") ? 4 : 0
      #expect(report.unchangedFiles == inline, "\(what)")
      try await expectRestores(report, bench, "out\(number)")
    }
  }

  @Test func aFileThatChangedJustNowIsReadAgainNextTime() async throws {
    let (bench, repository) = try await scene()
    let catalogue = Catalogue(path: nil)
    // Clocks that stand where the file system's stood: every file is fresh.
    var status = stat()
    #expect(unsafe stat(bench.source + "/11", &status) == 0)
    let now = FileTime(
      seconds: Int64(status.st_ctim.tv_sec), nanoseconds: UInt32(status.st_ctim.tv_nsec))
    let clocks = Clocks(wall: { now }, boot: { 1000 })
    try await bench.backup(repository, catalogue: catalogue, clocks: clocks)
    let report = try await bench.backup(repository, catalogue: catalogue)
    #expect(report.unchangedFiles < 12)
    #expect(try await bench.backup(repository, catalogue: catalogue).unchangedFiles == 12)
    try await expectRestores(report, bench)
  }
}
