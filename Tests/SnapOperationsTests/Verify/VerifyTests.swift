// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapRepository
import SnapStorage
import SnapTesting
import Testing

@testable import SnapOperations

/// Each kind of damage is found, named, and its weight known.
@Suite struct VerifyTests {
  private func scene() async throws -> OperationBench {
    var random = SeededRandom(seed: 121)
    let bench = try await OperationBench()
    for i in 0..<6 { try FileMaker.write(random.bytes(9000), to: "\(bench.source)/\(i)") }
    let repository = try await bench.open()
    try await bench.backup(repository)
    let slot = try KeySlot(
      wrapping: bench.ring, kdf: .argon2id(memory: 8, passes: 1, lanes: 1),
      secret: .password([1]), label: "")
    let audit = AuditRecord(action: .keys, host: "h", user: "u", time: 1, text: "t")
    _ = try await repository.addSlot(slot, audit: audit)
    return bench
  }

  /// A copy of the store with one object changed; nil removes it.
  private func damaged(
    _ bench: OperationBench, _ name: String, _ change: ([UInt8]) -> [UInt8]?
  ) throws -> MemoryBackend {
    let copy = try bench.memory.copy()
    let name = try ObjectName(name)
    copy[name] = change(try required(copy[name]))
    return copy
  }

  @Test func aWholeRepositoryHasNoFindings() async throws {
    let bench = try await scene()
    for readData in [false, true] {
      let report = try await bench.verify(bench.open(), readData: readData)
      #expect(report.findings.isEmpty && report.lostFiles.isEmpty)
      #expect(report.snapshots == 1 && report.readData == readData)
      #expect(report.objects >= 9)
    }
  }

  @Test func aFlippedByteInAnyObjectIsNamed() async throws {
    let bench = try await scene()
    // The configuration is remembered.
    _ = try await bench.open(computer: "v")
    let names = try await bench.names()
    #expect(names.count == 10, "\(names)")
    for name in names {
      for position in [0, 3, 50, 89, 120, -30, -1] {
        let store = try damaged(bench, name) { bytes in
          var bytes = bytes
          let at = position < 0 ? bytes.count + position : position
          bytes[at % bytes.count] ^= 4
          return bytes
        }
        let comment: Comment = "\(name), byte \(position)"
        let repository = try await bench.open(store, computer: "v")
        let report = try await bench.verify(repository)
        let finding = report.findings.first { $0.object == name }
        #expect(finding != nil, comment)
        // The header, directory and footer of a pack are not its blobs.
        if !name.hasPrefix("data/") {
          #expect(finding?.severity != .lost, comment)
          #expect(report.lostFiles.isEmpty, comment)
        } else if position == 120 {
          #expect(finding?.severity == .lost, comment)
          #expect(report.lostFiles.count == 1, comment)
        }
        #expect(report.findings.allSatisfy { $0.object == name }, comment)
      }
    }
  }

  @Test(arguments: [false, true])
  func aMissingObjectIsNamed(readData: Bool) async throws {
    let bench = try await scene()
    for name in try await bench.names() {
      if ["pend/", "log/", "keys/", "conf/", "index/"].contains(where: name.hasPrefix) { continue }
      let store = try damaged(bench, name) { _ in nil }
      let report = try await bench.verify(
        bench.open(store, computer: "v"), readData: readData)
      // A copy that is missing where the original is whole is not yet a finding for snapshots.
      let isCopyOfSnapshot = name.hasPrefix("mirror/snap/")
      let finding = report.findings.first { $0.object == name }
      #expect(finding != nil || isCopyOfSnapshot, "\(name)")
      if name.hasPrefix("data/") {
        #expect(finding?.severity == .lost)
        #expect(report.lostFiles.count == 6)
      } else {
        #expect(finding?.severity != .lost, "\(name)")
        #expect(report.lostFiles.isEmpty, "\(name)")
      }
    }
  }

  @Test func aPackThatWasCutIsNamedWithoutReadingIt() async throws {
    let bench = try await scene()
    for name in try await bench.names("data/") + bench.names("mirror/tree/") {
      let store = try damaged(bench, name) { Array($0.dropLast()) }
      let report = try await bench.verify(
        bench.open(store, computer: "v"), readData: false)
      let finding = try required(report.findings.first)
      #expect(finding.object == name)
      #expect(finding.severity == (name.hasPrefix("data/") ? .lost : .repairable))
    }
  }

  @Test func bothCopiesOfATreeAreLost() async throws {
    let bench = try await scene()
    let name = try required(try await bench.names("tree/").first)
    let store = try damaged(bench, name) { _ in nil }
    store[try ObjectName("mirror/" + name)] = nil
    let report = try await bench.verify(bench.open(store, computer: "v"))
    #expect(report.findings.contains { $0.object == name })
    #expect(report.findings.contains { $0.severity == .lost })
    #expect(!report.lostFiles.isEmpty)
  }

  @Test func aCopyInAnotherPackSavesAFile() async throws {
    let bench = try await scene()
    // Two computers at once store the same chunks twice.
    let data = try await bench.names("data/")
    let segments = try await bench.names("index/")
    let memory = try bench.memory
    let hidden = try ObjectName(try required(segments.first))
    let segment = memory[hidden]
    memory[hidden] = nil
    try await bench.backup(bench.open(computer: "b"))
    memory[hidden] = segment
    #expect(try await bench.names("data/").count == 2)
    let store = try damaged(bench, try required(data.first)) { bytes in
      var bytes = bytes
      bytes[120] ^= 1
      return bytes
    }
    let report = try await bench.verify(bench.open(store, computer: "v"))
    #expect(report.findings.map(\.object) == data)
    #expect(report.findings.first?.severity == .repairable)
    #expect(report.lostFiles.isEmpty)
  }

  @Test func whatNewerVersionsWroteIsNotCalledDamage() async throws {
    let bench = try await scene()
    let name = try required(try await bench.names("snap/").first)
    let store = try damaged(bench, name) { bytes in
      var bytes = bytes
      bytes[4] = 2
      // The checksum is that of the changed object.
      let sum = unsafe bytes.withUnsafeBytes { raw in
        unsafe CRC32C.checksum(UnsafeRawBufferPointer(rebasing: raw[..<(raw.count - 8)]))
      }
      for i in 0..<4 { bytes[bytes.count - 8 + i] = UInt8(truncatingIfNeeded: sum >> (8 * i)) }
      return bytes
    }
    let report = try await bench.verify(bench.open(store, computer: "v"))
    #expect(report.findings.contains { $0.object == name && $0.severity == .newer })
  }

  @Test func aFailingStorageIsAnErrorNotAFinding() async throws {
    let bench = try await scene()
    let faulty = FaultyBackend(bench.backend)
    let repository = try await bench.open(faulty, computer: "v")
    var ended = 0
    for at in 1... {
      faulty.reset(.init(at: at, .before))
      do {
        _ = try await bench.verify(repository)
        // Only the marker and the single objects may be passed over as findings.
        ended += 1
      } catch { #expect((error as? RepositoryError)?.code == .storage, "call \(at): \(error)") }
      if !faulty.hasFailed { break }
    }
    #expect(ended >= 1)
  }
}
