// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

/// What the lesser roles can do and cannot. Format: FORMAT.md, "Keys".
@Suite struct RoleTests {
  private func expectRefused(_ body: () async throws -> Void) async {
    #expect(await code(body) == .notAllowed)
  }

  @Test func aWriteOnlyRingBacksUpAndDeduplicatesButReadsNothing() async throws {
    var random = SeededRandom(seed: 71)
    let bench = try await Bench()
    let files = sampleFiles(6, bytes: 20_000, &random)
    let ring = try bench.ring.reduced(to: .writeOnly)
    let repository = try await bench.open(computer: "w", ring: ring)
    #expect(repository.canWrite)
    let first = try await MiniBackup(repository: repository, clocks: bench.clocks).run(files)
    let second = try await MiniBackup(
      repository: bench.open(computer: "w", ring: ring), clocks: bench.clocks
    ).run(files)
    #expect(first.progress.newBytes > 60_000)
    // A root of its own: it holds the run.
    #expect(second.progress.newBytes < 2000)
    await expectRefused { _ = try await SnapshotList(repository) }
    let full = try await bench.open()
    let root = try #require(try await SnapshotList(full).snapshots.first?.snapshot.root)
    await expectRefused { _ = try await BlobReader(repository).metadata(root.id) }
    let chunk = try full.ring.dedup?.dataIDs().id(of: Array(files["d0/0"]?[..<16384] ?? []))
    let id = try #require(chunk)
    await expectRefused { _ = try await BlobReader(repository).chunk(id) }
    #expect(try await BlobReader(full).chunk(id).count == 16384)
    #expect(try await MiniRestore.files(second.id, full) == files)
  }

  @Test func aWriteOnlyRunThatDiedIsTakenUp() async throws {
    var random = SeededRandom(seed: 72)
    let bench = try await Bench()
    let files = sampleFiles(8, bytes: 30_000, &random)
    let ring = try bench.ring.reduced(to: .writeOnly)
    do {
      let repository = try await bench.open(computer: "w", ring: ring)
      let backup = MiniBackup(repository: repository, clocks: bench.clocks)
      let (writer, draft) = try await backup.begin()
      _ = try await backup.store(files, writer, draft)
    }
    let repository = try await bench.open(computer: "w", ring: ring)
    let report = try await MiniBackup(repository: repository, clocks: bench.clocks).run(files)
    #expect(report.isResumed)
    #expect(try await MiniRestore.files(report.id, bench.open()) == files)
  }

  @Test func aMetadataRingListsAndBrowsesButReadsNoContent() async throws {
    let bench = try await Bench()
    _ = try await MiniBackup(repository: bench.open(), clocks: bench.clocks).run(["a/b": [1, 2]])
    let ring = try bench.ring.reduced(to: .metadata)
    let repository = try await bench.open(computer: "m", ring: ring)
    let stored = try #require(try await SnapshotList(repository).snapshots.first)
    let reader = BlobReader(repository)
    var tree = TreeReader(try #require(stored.snapshot.root), reader: reader)
    let entry = try #require(try await tree.next())
    #expect(entry.path == Array("a/b".utf8))
    await expectRefused { _ = try await reader.chunk(try #require(entry.content.ids.first)) }
  }

  @Test func onlyTheFullRoleManagesKeys() async throws {
    let bench = try await Bench()
    let audit = AuditRecord(action: .keys, host: "h", user: "u", time: 1, text: "t")
    let slot = try KeySlot(
      wrapping: bench.ring, kdf: .argon2id(memory: 8, passes: 1, lanes: 1),
      secret: .password([1]), label: "")
    for role in [Role.metadata, .writeOnly] {
      let repository = try await bench.open(
        computer: role.rawValue, ring: bench.ring.reduced(to: role))
      await expectRefused { _ = try await repository.addSlot(slot, audit: audit) }
      await expectRefused { try await repository.removeSlot("keys/0", audit: audit) }
    }
    let repository = try await bench.open()
    let name = try await repository.addSlot(slot, audit: audit)
    #expect(bench.names("keys/") == [name])
    try await repository.removeSlot(name, audit: audit)
    #expect(bench.names("keys/").isEmpty)
    #expect(bench.names("log/").count == 2)
  }
}
