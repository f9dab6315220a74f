// SPDX-License-Identifier: Apache-2.0

import SnapStorage
import SnapTesting
import Testing

/// Every obligation of `Backend`, on every implementation and decorator.
struct ConformanceTests {
  static let suites = [
    BackendSuite("memory") { BackendSuite.Fixture(MemoryBackend()) },
    BackendSuite("local") { try local(LocalHooks()) },
    BackendSuite("local without renameat2") {
      var hooks = LocalHooks()
      hooks.renameWay = 1
      return try local(hooks)
    },
    BackendSuite("faulty without a fault") {
      BackendSuite.Fixture(FaultyBackend(MemoryBackend()))
    },
  ]

  static func local(_ hooks: LocalHooks) throws -> BackendSuite.Fixture {
    let directory = try TemporaryDirectory()
    let backend = try LocalBackend(
      path: directory.file("repository"), create: true, hooks: hooks)
    return BackendSuite.Fixture(backend, keeping: directory)
  }

  @Test(arguments: suites, BackendSuite.cases)
  func obligationIsKept(_ suite: BackendSuite, _ obligation: BackendCase) async throws {
    try await suite.run(obligation)
  }
}
