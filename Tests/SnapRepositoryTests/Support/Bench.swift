// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapFormat
import SnapStorage
import SnapTesting

@testable import SnapRepository

/// A repository in memory, the folders of the computers that use it, and their clock.
struct Bench {
  let backend: MemoryBackend
  let ring: KeyRing
  let folder: TemporaryDirectory
  /// Seconds since boot of every computer here.
  let boot: Shared<Double>

  /// A new repository with nothing in it.
  init() async throws {
    boot = Shared(1000)
    backend = MemoryBackend()
    folder = try TemporaryDirectory()
    let creation = try RepositoryCreation(created: 1_700_000_000)
    ring = creation.ring
    try await creation.create(on: backend, slots: [])
  }

  private init(_ other: Bench) throws {
    boot = Shared(other.boot.value)
    backend = other.backend.copy()
    ring = other.ring
    folder = try TemporaryDirectory()
    try Self.copyFolder(other.folder.path, to: folder.path)
  }

  /// The same as it is at this moment, storage and computers, to be changed apart.
  func copy() throws -> Bench { try Bench(self) }

  /// Clocks that stand still unless `boot` is set.
  var clocks: Clocks {
    let boot = boot
    return Clocks(
      wall: { FileTime(seconds: 1_700_000_000 + Int64(boot.value)) }, boot: { boot.value })
  }

  /// Opens the repository as `computer`, through `backend` if another one is given.
  func open(
    _ backend: (any Backend)? = nil, computer: String = "a", ring: KeyRing? = nil
  ) async throws -> Repository {
    let path = folder.file(computer)
    return try await Repository.open(backend ?? self.backend, unlock: .ring(ring ?? self.ring)) {
      try LocalPlaces(stateRoot: path + "/state", cacheRoot: path + "/cache", repositoryID: $0)
    }
  }

  /// Names below a folder of the store.
  func names(_ prefix: String) -> [String] {
    backend.names.map(\.text).filter { $0.hasPrefix(prefix) }
  }

  /// Copies all below a folder, for a computer that dies at this moment.
  static func copyFolder(_ from: String, to: String) throws {
    try FileMaker.makeDirectory(to)
    for name in try FileMaker.names(in: from) {
      let (source, copy) = ("\(from)/\(name)", "\(to)/\(name)")
      if let mode = FileMaker.mode(of: source), mode & S_IFMT == S_IFDIR {
        try copyFolder(source, to: copy)
      } else {
        try FileMaker.write(try FileMaker.read(source), to: copy)
      }
    }
  }
}

/// The code of the error that `body` throws; nil when it throws none or another.
func code(_ body: () async throws -> Void) async -> RepositoryError.Code? {
  do {
    try await body()
    return nil
  } catch { return (error as? RepositoryError)?.code }
}
