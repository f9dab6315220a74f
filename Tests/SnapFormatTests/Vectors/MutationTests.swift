// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

/// Damaged and forged bytes: every decoder either reads them or throws a `FormatError`.
@Suite struct MutationTests {
  /// Sections whose vectors have bytes to change.
  static let sections: [VectorSection] = [
    .recovery, .marker, .ring, .slot, .sealed, .blob, .pack, .index, .conf, .message, .node, .list,
    .media, .snapshot, .tombstone,
  ]
  /// In all: 20,000, shared evenly.
  static let count = 20_000 / sections.count + 1

  @Test(arguments: sections)
  func decodersNeverTrap(section: VectorSection) throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let files = VectorFiles.of(section).filter { $0.mustPass && !$0.payload.isEmpty }
    try #require(!files.isEmpty)
    var read = 0
    var refused = 0
    for _ in 0..<Self.count {
      let file = files[samples.small(0...files.count - 1)]
      var bytes = file.payload
      for _ in 0..<samples.small(1...3) { mutate(&bytes, &samples) }
      // Checks that anybody can mend would hide what lies behind them.
      if samples.chance(70) { try mend(&bytes, section) }
      do {
        try decode(bytes, file)
        read += 1
      } catch let error as FormatError {
        #expect(error.code != .library, "\(file.name): \(error) \(seed)")
        refused += 1
      } catch {
        Issue.record("\(file.name): \(error) \(seed)")
      }
    }
    #expect(read + refused == Self.count, "\(seed)")
    #expect(refused > 0, "\(seed)")
    // What nothing protects is read now and then although it is changed.
    let isProtected: Set<VectorSection> = [.recovery, .blob, .sealed, .pack, .slot, .marker]
    if !isProtected.contains(section) { #expect(read > 0, "\(section) \(seed)") }
  }

  private func mutate(_ bytes: inout [UInt8], _ samples: inout Samples) {
    guard !bytes.isEmpty else { return bytes = samples.bytes(1...9) }
    let at = samples.small(0...bytes.count - 1)
    let end = min(bytes.count, at + samples.small(1...9))
    let edges: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 34, 44, 48, 57, 92]
    switch samples.small(0...8) {
    case 0, 1: bytes[at] ^= 1 << UInt8(samples.small(0...7))
    case 2, 3: bytes[at] = edges[samples.small(0...edges.count - 1)]
    case 4: bytes.removeSubrange(at..<(samples.chance(50) ? end : bytes.count))
    case 5: bytes.insert(contentsOf: samples.bytes(1...9), at: at)
    case 6: bytes.insert(contentsOf: bytes[at..<end], at: at)
    case 7: bytes.replaceSubrange(at..<end, with: [UInt8](repeating: 0xff, count: end - at))
    default: bytes += Array(bytes[at..<end])
    }
  }

  /// Makes checksums and signatures fit again.
  private func mend(_ bytes: inout [UInt8], _ section: VectorSection) throws {
    switch section {
    case .sealed, .pack:
      guard bytes.count >= 104 else { return }
      unsafe bytes.withUnsafeMutableBytes { unsafe ObjectTail.write(into: $0) }
    case .slot:
      guard bytes.count > 29 else { return }
      let body = Array(bytes.dropLast(29))
      let check = Hex.encode(try SHA256.hash(body).prefix(8))
      bytes = body + Array(",\"check\":\"\(check)\"}\n".utf8)
    case .marker:
      guard bytes.count > 23 else { return }
      let body = Array(bytes.dropLast(23))
      let check = Hex.encode(try SHA256.hash(body).prefix(8))
      bytes = body + Array("check \(check)\n".utf8)
    case .conf:
      let message = Array(bytes.dropLast(67))
      let seed = try TestKeys.newest(TestKeys.full()).adminSeed()
      bytes = message + [0xFA, 0x01, 0x40]
      bytes += try Ed25519.sign(Array("snap/1/conf".utf8) + message, seed: seed)
    default: break
    }
  }

  private func decode(_ bytes: [UInt8], _ file: VectorFile) throws {
    switch file.section {
    // Opening a forged slot may cost seconds and gibibytes by its own bounds.
    case .slot: _ = try KeySlot(decoding: bytes).encoded()
    case .conf:
      let ring = try TestKeys.full()
      _ = Configuration.sequence(inMessage: bytes)
      let read = try Configuration(decoding: bytes, epoch: 0, ring: ring)
      let again = try Configuration(decoding: read.encoded(signedBy: ring), epoch: 0, ring: ring)
      #expect(again == read, "\(file.name)")
    case .node:
      let node = try TreeNode(decoding: bytes)
      let again = try TreeNode(decoding: Samples.encoded(node))
      #expect(again.children == node.children, "\(file.name)")
      #expect(again.entries.map(\.path) == node.entries.map(\.path), "\(file.name)")
      #expect(again.entries.map(\.content) == node.entries.map(\.content), "\(file.name)")
    case .list:
      let list = try ListNode(decoding: bytes)
      #expect(try ListNode(decoding: list.encoded()) == list, "\(file.name)")
    case .index:
      var out: [UInt8] = []
      for group in try IndexSegment.decode(bytes) { group.append(to: &out) }
      #expect(out == bytes, "\(file.name)")
    case .snapshot:
      let snapshot = try Snapshot(decoding: bytes)
      #expect(try Snapshot(decoding: snapshot.encoded()).root == snapshot.root, "\(file.name)")
    default:
      let values = file.values.filter { !$0.key.hasPrefix("gives-") }
      try file.section.run(VectorCase(file.changed(values, bytes)))
    }
  }
}

extension VectorFile {
  /// The same case with other inputs and nothing to compare with.
  fileprivate func changed(_ values: [String: String], _ payload: [UInt8]) -> VectorFile {
    VectorFile(name: name, section: section, expect: expect, values: values, payload: payload)
  }
}
