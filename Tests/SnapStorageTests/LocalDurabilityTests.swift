// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapStorage
import SnapTesting
import Testing

/// The order of syncs and names, and the reserve.
struct LocalDurabilityTests {
  let directory: TemporaryDirectory
  let root: String
  let backend: LocalBackend
  let events = Shared<[LocalEvent]>([])
  let failing = Shared<[String: Int32]>([:])

  init() throws {
    directory = try TemporaryDirectory()
    root = directory.file("repository")
    var hooks = LocalHooks()
    hooks.report = { [events] event in events.change { $0.append(event) } }
    hooks.syncResult = { [failing] name in failing.value[name] ?? 0 }
    backend = try LocalBackend(path: root, create: true, hooks: hooks)
  }

  func write(_ text: String, _ mode: WriteMode) async throws {
    try await backend.write(ObjectBody([1, 2, 3]), to: ObjectName(text), mode)
  }

  func taken() -> [LocalEvent] {
    events.exchange([])
  }

  @Test func durableWriteSyncsFileNameAndFolders() async throws {
    try await write("data/ab/x", .create)
    #expect(
      taken() == [
        .syncedFile("data/ab/x"), .named("data/ab/x"), .syncedFolder(""), .syncedFolder("data"),
        .syncedFolder("data/ab"),
      ])
    try await write("data/ab/y", .create)
    #expect(taken() == [.syncedFile("data/ab/y"), .named("data/ab/y"), .syncedFolder("data/ab")])
  }

  @Test func deferredWritesAreSyncedBeforeTheNextDurableOne() async throws {
    try await write("data/ab/1", .deferred)
    try await write("data/ab/2", .deferred)
    try await write("data/cd/3", .deferred)
    let names = ["data/ab/1", "data/ab/2", "data/cd/3"]
    #expect(taken() == names.map { .named($0) })
    try await write("index/i", .create)
    let folders = ["", "data", "data/ab", "data/cd"]
    #expect(
      taken() == names.map { .syncedFile($0) } + folders.map { .syncedFolder($0) } + [
        .syncedFile("index/i"), .named("index/i"), .syncedFolder(""), .syncedFolder("index"),
      ])
  }

  @Test func flushSyncsOnce() async throws {
    try await write("data/ab/1", .deferred)
    _ = taken()
    try await backend.flush()
    #expect(taken().first == .syncedFile("data/ab/1"))
    try await backend.flush()
    #expect(taken() == [])
  }

  @Test func removedObjectIsNotSynced() async throws {
    try await write("data/ab/1", .deferred)
    try await backend.remove(ObjectName("data/ab/1"))
    _ = taken()
    try await backend.flush()
    #expect(taken() == [])
  }

  @Test func removalIsDurable() async throws {
    try await write("snap/a", .create)
    _ = taken()
    try await backend.remove(ObjectName("snap/a"))
    #expect(taken() == [.removed("snap/a"), .syncedFolder("snap")])
  }

  @Test func manyDeferredWritesFlushByThemselves() async throws {
    for number in 0..<300 { try await write("data/ab/\(number)", .deferred) }
    let synced = taken().count { if case .syncedFile = $0 { true } else { false } }
    #expect(synced >= 256)
    #expect(synced < 300)
  }

  @Test func failedSyncStopsEveryLaterDurableWriteUntilTheObjectIsRemoved() async throws {
    try await write("data/ab/bad", .deferred)
    try await write("data/ab/good", .deferred)
    failing.value = ["data/ab/bad": -EIO]
    let flushed = await #expect(throws: BackendError.self) { try await backend.flush() }
    #expect(flushed?.code == .io)
    // The disk would now say yes, but the bytes are gone.
    failing.value = [:]
    await #expect(throws: BackendError.self) { try await backend.flush() }
    await #expect(throws: BackendError.self) { try await write("index/i", .create) }
    #expect(try await backend.list("index/").isEmpty)
    _ = taken()
    try await backend.remove(ObjectName("data/ab/bad"))
    try await write("index/i", .create)
    #expect(taken().contains(.syncedFile("data/ab/good")))
  }

  @Test func failedSyncOfADurableWriteLeavesNothing() async throws {
    failing.value = ["snap/a": -EIO]
    await #expect(throws: BackendError.self) { try await write("snap/a", .create) }
    #expect(try await backend.list("").isEmpty)
    #expect(try FileMaker.names(in: root + "/tmp") == ["reserve"])
  }

  @Test func reserveIsRealRoom() throws {
    let size = try #require(FileMaker.size(of: root + "/tmp/reserve"))
    #expect(size.length == 1 << 20)
    #expect(size.allocated >= 1 << 20)
  }

  @Test func releasedReserveComesBackWithTheNextWrite() async throws {
    #expect(backend.releaseReserve())
    #expect(!FileMaker.exists(root + "/tmp/reserve"))
    #expect(!backend.releaseReserve())
    try await write("snap/a", .create)
    #expect(FileMaker.size(of: root + "/tmp/reserve")?.length == 1 << 20)
  }

  @Test func smallDurableObjectUsesTheReserveOfAFullDisk() async throws {
    let reserve = root + "/tmp/reserve"
    var hooks = LocalHooks()
    // As full as a disk is while the reserve stands.
    hooks.syncResult = { _ in FileMaker.exists(reserve) ? -ENOSPC : 0 }
    let backend = try LocalBackend(path: root, create: false, hooks: hooks)
    let large = ObjectBody([UInt8](repeating: 7, count: 300 << 10))
    let name = try ObjectName("lock/a")
    let tooLarge = await #expect(throws: BackendError.self) {
      try await backend.write(large, to: name, .create)
    }
    #expect(tooLarge?.code == .full)
    var frugal = WriteMode.create
    frugal.usesReserve = false
    await #expect(throws: BackendError.self) {
      try await backend.write(ObjectBody([1]), to: name, frugal)
    }
    #expect(FileMaker.exists(reserve))
    try await backend.write(ObjectBody([1]), to: name, .create)
    #expect(try await backend.read(name, nil) == [1])
  }
}
