// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

/// Steps I0 to I3 of FORMAT.md, "Init".
@Suite struct RepositoryCreationTests {
  private func slot(_ ring: KeyRing) throws -> KeySlot {
    try KeySlot(
      wrapping: ring, kdf: .argon2id(memory: 8, passes: 1, lanes: 1),
      secret: .password(Array("secret".utf8)), label: "test")
  }

  private func create(_ backend: any Backend) async throws {
    let creation = try RepositoryCreation(created: 1)
    try await creation.create(on: backend, slots: [slot(creation.ring)])
  }

  @Test func theStepsComeInOrder() async throws {
    let faulty = FaultyBackend(MemoryBackend())
    try await create(faulty)
    let calls = faulty.operations.map { operation in
      let folder = operation.target.split(separator: "/").first.map(String.init) ?? ""
      return "\(operation.kind.rawValue) \(folder)"
    }
    #expect(
      calls == [
        "list ", "write keys", "write conf", "list keys", "list conf", "write SNAP-REPOSITORY",
      ])
  }

  @Test func whatWasMadeCanBeOpened() async throws {
    let backend = MemoryBackend()
    let creation = try RepositoryCreation(created: 77)
    try await creation.create(on: backend, slots: [slot(creation.ring)])
    let repository = try await Repository.open(
      backend, unlock: .password(Array("secret".utf8))
    ) { _ in nil }
    #expect(repository.configuration == creation.configuration)
    #expect(repository.configuration.created == 77)
    #expect(repository.ring == creation.ring)
    #expect(repository.canWrite && repository.configurationProblem == nil)
    #expect(try await repository.index().blobCount == 0)
    let marker = try #require(backend[try ObjectName(Marker.name)])
    #expect(try Marker.decode(marker) == creation.configuration.repositoryID)
  }

  @Test(arguments: [Marker.name, "conf/", "keys/", "data/", "snap/", "pend/", "mirror/snap/"])
  func whateverIsThereStopsIt(prefix: String) async throws {
    let backend = MemoryBackend()
    let hex = String(repeating: "ab", count: 32)
    let name =
      switch prefix {
      case Marker.name: prefix
      case "keys/": "keys/0123456789abcdef"
      case "data/": "data/ab/\(hex)"
      default: prefix + hex
      }
    backend[try ObjectName(name)] = [1]
    let failed = await code { try await create(backend) }
    #expect(failed == (["conf/", Marker.name].contains(prefix) ? .exists : .damaged))
    #expect(backend.names.map(\.text) == [name])
  }

  @Test func filesOfOthersAreNoRepository() async throws {
    let backend = MemoryBackend()
    backend[try ObjectName("photo.jpg")] = [1]
    try await create(backend)
    #expect(backend.names.count == 4)
  }

  @Test func ofTwoAtOnceAtMostOneSucceeds() async throws {
    // The second begins, and ends, before any one call of the first.
    for at in 1...6 {
      let backend = MemoryBackend()
      let calls = Shared(0)
      let second = Shared<RepositoryError.Code?>(nil)
      let hasSecond = Shared(false)
      let first = FaultyBackend(
        backend,
        before: { _ in
          calls.change { $0 += 1 }
          guard calls.value == at else { return }
          second.value = await code { try await create(backend) }
          hasSecond.value = second.value == nil
        })
      let failed = await code { try await create(first) }
      #expect(!(failed == nil && hasSecond.value), "second before call \(at)")
      #expect(failed == nil || failed == .exists || failed == .damaged)
      let names = backend.names.map(\.text)
      if failed == nil || hasSecond.value {
        // The one that succeeded is whole, nothing of the other is left.
        #expect(names.count == 3, "second before call \(at): \(names)")
        _ = try await Repository.open(
          backend, unlock: .password(Array("secret".utf8))
        ) { _ in nil }
      } else {
        #expect(!names.contains(Marker.name))
      }
    }
  }

  @Test func anInitThatWasKilledLeavesNoRepositoryThatOpensByHalves() async throws {
    for at in 1...6 {
      let backend = MemoryBackend()
      let faulty = FaultyBackend(backend, .init(at: at, .before, stopsForever: true))
      let failed = await code { try await create(faulty) }
      guard faulty.hasFailed else { break }
      #expect(failed != nil || at > 3)
      let repository = try? await Repository.open(
        backend, unlock: .password(Array("secret".utf8))
      ) { _ in nil }
      // It exists as soon as its settings can be opened: before that nothing is written.
      let hasSettings = backend.names.contains { $0.text.hasPrefix("conf/") }
      #expect((repository?.canWrite ?? false) == hasSettings, "killed at call \(at)")
      let again = await code { try await create(backend) }
      #expect(again != nil || backend.names.count == 3, "killed at call \(at)")
    }
  }
}
