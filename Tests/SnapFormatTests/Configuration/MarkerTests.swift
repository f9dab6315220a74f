// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct MarkerTests {
  /// The marker with other first three lines and a check that fits.
  private func marker(_ lines: [UInt8]) throws -> [UInt8] {
    let check = Hex.encode(try SHA256.hash(lines).prefix(8))
    return lines + Array("check \(check)\n".utf8)
  }

  private func read(_ bytes: [UInt8]) throws -> FormatError.Code? {
    try code { _ = try Marker.decode(bytes) }
  }

  @Test func everyIdComesBack() throws {
    var samples = Samples(.fresh())
    for _ in 0..<50 {
      let id = samples.random.bytes(16)
      #expect(try Marker.decode(Marker.encoded(repositoryID: id)) == id)
    }
  }

  @Test func everyChangedByteIsNoticed() throws {
    let bytes = try Marker.encoded(repositoryID: [UInt8](repeating: 0xa5, count: 16))
    for at in bytes.indices {
      for value in [0, 10, 13, 48, 97, 255, bytes[at] ^ 32] as [UInt8] where value != bytes[at] {
        var changed = bytes
        changed[at] = value
        let allowed: Set<FormatError.Code> = [.malformed, .checksum, .unsupported]
        let found = try #require(try read(changed), "byte \(at) is \(value)")
        #expect(allowed.contains(found), "byte \(at) is \(value)")
      }
    }
    for end in bytes.indices { #expect(try read(Array(bytes[..<end])) == .malformed, "\(end)") }
  }

  @Test func bytesThatAreNoText() throws {
    let first = Array("snap repository, format 1\n".utf8)
    let id = Array("id \(String(repeating: "0", count: 32))\n".utf8)
    let noText = [UInt8](repeating: 0xff, count: 400)
    // What the third line says does not matter.
    #expect(try read(marker(first + id + noText + [10])) == nil)
    #expect(try read(first + id + noText + [10] + noText + [10]) == .malformed)
    #expect(try read([10] + [10] + [10] + noText + [10]) == .malformed)
    #expect(try read(marker(first + noText + [10] + [10])) == .malformed)
    let other = Array("snap repository, format 12\n".utf8)
    #expect(try read(marker(other + id + [10])) == .unsupported)
    let noNumber = Array("snap repository, format 1 \n".utf8)
    #expect(try read(marker(noNumber + id + [10])) == .malformed)
  }
}
