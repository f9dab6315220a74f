// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct KeyRingTests {
  @Test(arguments: Role.allCases, [1, 2, 5] as [UInt8])
  func everyRingComesBack(role: Role, epochs: UInt8) throws {
    let masters = try (0..<epochs).map { try MasterKey(newEpoch: $0) }
    let full = try KeyRing(masters: masters.reversed())
    let ring = try full.reduced(to: role)
    #expect(ring.role == role)
    #expect(ring.epochs.map(\.number) == Array(0..<epochs))
    #expect(ring.dedup == full.dedup)
    #expect(try KeyRing(decoding: ring.encoded()) == ring)
    #expect(ring.newestMaster == (role == .full ? masters.last : nil))
    for keys in ring.epochs {
      #expect((keys.master != nil) == (role == .full))
      #expect((keys.readMeta != nil) == (role != .writeOnly))
      #expect((keys.readData != nil) == (role == .full))
    }
  }

  @Test func aRoleGivesOnlyLess() throws {
    let full = try TestKeys.full()
    let metadata = try full.reduced(to: .metadata)
    let writeOnly = try full.reduced(to: .writeOnly)
    #expect(try metadata.reduced(to: .writeOnly) == writeOnly)
    #expect(try code { _ = try metadata.reduced(to: .full) } == .noKey)
    #expect(try code { _ = try writeOnly.reduced(to: .metadata) } == .noKey)
    #expect(try code { _ = try writeOnly.reduced(to: .full) } == .noKey)
  }

  /// Whoever can write seals every kind; who may open which is the table of FORMAT.md 5.1.
  @Test(arguments: Role.allCases, ObjectKind.allCases)
  func rolesOpenWhatTheyMay(role: Role, kind: ObjectKind) throws {
    let full = try TestKeys.full()
    let ring = try KeyRing(decoding: full.reduced(to: role).encoded())
    let key = try ObjectKey(
      new: kind, epoch: TestKeys.newest(ring), suite: .aes256GCM, run: .random(), entropy: [])
    let object = try SealedPayload.seal([1, 2, 3], key: key, compressor: nil)
    let id = key.header.id
    let opened = try SealedPayload.open(object, kind: kind, id: id, ring: full)
    #expect(opened.payload == [1, 2, 3])
    #expect(opened.header == key.header)
    let mayOpen: Bool
    switch kind {
    case .dataPack: mayOpen = role == .full
    case .treePack, .snapshot, .pending: mayOpen = role != .writeOnly
    default: mayOpen = true
    }
    let found = try code { _ = try SealedPayload.open(object, kind: kind, id: id, ring: ring) }
    #expect(found == (mayOpen ? nil : .noKey))
    let ranged = try code {
      _ = try ObjectKey(ranged: kind, suite: .aes256GCM, epoch: 0, id: id, ring: ring)
    }
    #expect(ranged == (mayOpen ? nil : .noKey))
  }

  @Test func otherMastersAndEpochsOpenNothing() throws {
    let ring = try TestKeys.full(epochs: 2)
    let stranger = try KeyRing(masters: [MasterKey(newEpoch: 0), MasterKey(newEpoch: 1)])
    for kind in ObjectKind.allCases {
      let key = try ObjectKey(
        new: kind, epoch: TestKeys.newest(ring), suite: .aes256GCM, run: .none, entropy: [])
      let object = try SealedPayload.seal([], key: key, compressor: nil)
      func open(_ ring: KeyRing) throws -> FormatError.Code? {
        try code { _ = try SealedPayload.open(object, kind: kind, id: key.header.id, ring: ring) }
      }
      #expect(try open(ring) == nil)
      #expect(try open(stranger) == .wrongKey)
      #expect(try open(TestKeys.full()) == .noKey)
    }
  }

  @Test func ringsThatCannotBe() throws {
    let first = try VectorRunner.master()
    #expect(try code { _ = try KeyRing(masters: []) } == .malformed)
    #expect(try code { _ = try KeyRing(masters: [first, first]) } == .malformed)
    #expect(try code { _ = try MasterKey(epoch: 0, bytes: [1, 2, 3]) } == .malformed)
    let later = try KeyRing(masters: [VectorRunner.master(epoch: 1)])
    #expect(later.dedup == nil)
    #expect(try KeyRing(decoding: later.encoded()) == later)
  }

  @Test func keysDifferByPurpose() throws {
    let master = try MasterKey(newEpoch: 0)
    let keys = try EpochKeys(master)
    let dedup = try DedupKeys(master)
    let secrets = [
      master.bytes, keys.write, keys.readMeta ?? [], keys.readData ?? [], try keys.adminSeed(),
      keys.readMetaPublic, keys.readDataPublic, keys.adminPublic, dedup.idData, dedup.idTree,
      dedup.chunk,
    ]
    #expect(secrets.allSatisfy { $0.count == 32 })
    #expect(Set(secrets).count == secrets.count)
    #expect(try MasterKey(newEpoch: 0) != master)
  }
}
