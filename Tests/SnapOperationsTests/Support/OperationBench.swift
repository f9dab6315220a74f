// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFiles
import SnapFormat
import SnapRepository
import SnapStorage
import SnapTesting

@testable import SnapOperations

/// A repository, a folder for sources and targets, and the computers that use it.
struct OperationBench {
  let backend: any Backend
  let ring: KeyRing
  let folder: TemporaryDirectory
  static let pool = WorkerPool(count: 3)

  /// A new repository, in memory or in a folder.
  init(isLocal: Bool = false) async throws {
    folder = try TemporaryDirectory()
    backend =
      isLocal
      ? try LocalBackend(path: folder.file("repository"), create: true) : MemoryBackend()
    let creation = try RepositoryCreation(created: 1_700_000_000)
    ring = creation.ring
    try await creation.create(on: backend, slots: [])
    try FileMaker.makeDirectory(source)
  }

  /// The folder that is backed up.
  var source: String { folder.file("source") }

  /// The store in memory.
  var memory: MemoryBackend { get throws { try required(backend as? MemoryBackend) } }

  /// Opens the repository as `computer`.
  func open(
    _ backend: (any Backend)? = nil, computer: String = "a", ring: KeyRing? = nil
  ) async throws -> Repository {
    let path = folder.file("computers/" + computer)
    return try await Repository.open(backend ?? self.backend, unlock: .ring(ring ?? self.ring)) {
      try LocalPlaces(stateRoot: path + "/state", cacheRoot: path + "/cache", repositoryID: $0)
    }
  }

  /// An hour ahead, so that no file counts as changed just now.
  static let clocks = Clocks(
    wall: {
      var time = Clocks.system.wall()
      time.seconds += 3600
      return time
    }, boot: Clocks.system.boot)

  /// Backs up `roots`, with the catalogue of the repository's computer unless one is given.
  @discardableResult
  func backup(
    _ repository: Repository, roots: [String]? = nil, catalogue: Catalogue? = nil,
    clocks: Clocks = OperationBench.clocks, change: (inout BackupOptions) -> Void = { _ in }
  ) async throws -> BackupReport {
    var options = BackupOptions(
      roots: roots ?? [source], walk: WalkOptions(), host: "host", user: "user", program: "test")
    options.memory = 64 << 20
    change(&options)
    return try await Backup(
      options, into: repository,
      catalogue: catalogue ?? Catalogue(path: repository.places?.catalogue), pool: Self.pool,
      clocks: clocks, events: { _ in }
    ).run()
  }

  /// Restores a snapshot into a new folder; gives the report and the folder.
  func restore(
    _ id: ObjectID?, _ repository: Repository, path: [UInt8] = [], to name: String
  ) async throws -> RestoreReport {
    let list = try await SnapshotList(repository)
    let snapshot = try required(list.snapshots.first { $0.id == id })
    return try await Restore(
      RestoreOptions(snapshot: snapshot, path: path, target: folder.file(name)),
      from: repository, pool: Self.pool, events: { _ in }
    ).run()
  }

  /// Verifies everything.
  func verify(_ repository: Repository, readData: Bool = true) async throws -> VerifyReport {
    try await Verify(repository, readData: readData, pool: Self.pool, events: { _ in }).run()
  }

  /// The source and a restored target are equal.
  func isSame(_ name: String) throws -> Bool {
    try Nodes.read(source) == Nodes.read(folder.file(name) + "/source")
  }

  /// The names of all objects.
  func names(_ prefix: String = "") async throws -> [String] {
    try await backend.list("").map(\.name.text).filter { $0.hasPrefix(prefix) }.sorted()
  }
}

/// The value of an optional that must be there.
func required<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw MissingValue() }
  return value
}

/// An optional was empty.
struct MissingValue: Error {}
