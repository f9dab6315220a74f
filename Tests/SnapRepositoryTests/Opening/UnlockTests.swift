// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting
import Testing

@testable import SnapRepository

@Suite struct UnlockTests {
  private static let kdf = KeySlot.KDF.argon2id(memory: 8, passes: 1, lanes: 1)

  private struct Scene {
    let backend = MemoryBackend()
    let creation: RepositoryCreation

    init(_ passwords: [String]) async throws {
      creation = try RepositoryCreation(created: 1)
      var slots: [KeySlot] = []
      for password in passwords {
        slots.append(
          try KeySlot(
            wrapping: creation.ring, kdf: kdf, secret: .password(Array(password.utf8)),
            label: password))
      }
      try await creation.create(on: backend, slots: slots)
    }

    func open(_ unlock: Unlock) async throws -> Repository {
      try await Repository.open(backend, unlock: unlock) { _ in nil }
    }

    func slotNames() -> [String] {
      backend.names.map(\.text).filter { $0.hasPrefix("keys/") }
    }
  }

  @Test func anyPasswordOpens() async throws {
    let scene = try await Scene(["one", "two", "three"])
    for password in ["one", "two", "three"] {
      let repository = try await scene.open(.password(Array(password.utf8)))
      #expect(repository.ring == scene.creation.ring)
    }
    #expect(await code { _ = try await scene.open(.password(Array("four".utf8))) } == .wrongKey)
    #expect(await code { _ = try await scene.open(.password([])) } == .wrongKey)
  }

  @Test func theRecoveryKeyOpensWithoutAnySlot() async throws {
    let scene = try await Scene(["one"])
    let text = try scene.creation.recoveryKey().text()
    for name in scene.slotNames() { scene.backend[try ObjectName(name)] = nil }
    let repository = try await scene.open(.recoveryKey(RecoveryKey(parsing: text)))
    #expect(repository.ring == scene.creation.ring)
    #expect(await code { _ = try await scene.open(.password(Array("one".utf8))) } == .wrongKey)
  }

  @Test func keysOfAnotherRepositoryDoNotOpen() async throws {
    let scene = try await Scene(["one"])
    let other = try RepositoryCreation(created: 1)
    #expect(await code { _ = try await scene.open(.ring(other.ring)) } == .wrongKey)
    let recovery = try other.recoveryKey()
    #expect(await code { _ = try await scene.open(.recoveryKey(recovery)) } == .wrongKey)
  }

  @Test func aDamagedSlotDoesNotHideAGoodOne() async throws {
    let scene = try await Scene(["one", "two"])
    let names = scene.slotNames()
    var opened = 0
    for name in names {
      let object = try ObjectName(name)
      let good = try #require(scene.backend[object])
      let damages: [[UInt8]] = [
        [], Array("{}".utf8), good.dropLast(9), [UInt8](repeating: 9, count: 70_000),
      ]
      for bytes in damages {
        scene.backend[object] = bytes
        let (slots, damaged) = try await ObjectStore(scene.backend).slots()
        #expect(slots.count == 1 && damaged.map(\.object) == [name])
        for password in ["one", "two"] {
          let repository = try? await scene.open(.password(Array(password.utf8)))
          if repository != nil { opened += 1 }
        }
      }
      scene.backend[object] = good
    }
    // Always just the one whose slot is whole.
    #expect(opened == 8)
  }

  @Test func slotsOfLesserRolesGiveLesserRings() async throws {
    let scene = try await Scene(["full"])
    let full = try await scene.open(.password(Array("full".utf8)))
    let audit = AuditRecord(action: .keys, host: "h", user: "u", time: 1, text: "")
    for role in [Role.metadata, .writeOnly] {
      let slot = try KeySlot(
        wrapping: full.ring.reduced(to: role), kdf: Self.kdf,
        secret: .password(Array(role.rawValue.utf8)), label: "")
      _ = try await full.addSlot(slot, audit: audit)
      let repository = try await scene.open(.password(Array(role.rawValue.utf8)))
      #expect(repository.ring.role == role)
      #expect(repository.canWrite)
    }
  }

  @Test func anEmptyPlaceAndAForeignOneAreMissing() async throws {
    let backend = MemoryBackend()
    let unlock = Unlock.password([1])
    #expect(
      await code { _ = try await Repository.open(backend, unlock: unlock) { _ in nil } }
        == .missing)
    backend[try ObjectName("photo.jpg")] = [1]
    #expect(
      await code { _ = try await Repository.open(backend, unlock: unlock) { _ in nil } }
        == .missing)
  }
}
