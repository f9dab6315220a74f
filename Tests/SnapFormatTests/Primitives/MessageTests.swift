// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct MessageTests {
  private enum Sample: Equatable {
    case number(UInt64)
    case data([UInt8])
  }

  @Test func everyFieldComesBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<500 {
      var fields: [(UInt64, Sample)] = []
      var writer = MessageWriter()
      for _ in 0..<samples.small(0...20) {
        let number = max(samples.number(upTo: 1 << 61 - 1), 1)
        if samples.chance(50) {
          let value = max(samples.number(), 1)
          writer.number(number, value)
          fields.append((number, .number(value)))
        } else {
          let value = samples.bytes(1...300)
          writer.data(number, value)
          fields.append((number, .data(value)))
        }
      }
      var reader = MessageReader(writer.bytes)
      var at = 0
      var whole: [UInt8] = []
      while let field = try reader.next("test") {
        whole += field.encoded
        try #require(at < fields.count, "\(seed)")
        #expect(field.number == fields[at].0, "\(seed)")
        switch field.value {
        case .number(let value): #expect(fields[at].1 == .number(value), "\(seed)")
        case .data(let value): #expect(fields[at].1 == .data(Array(value)), "\(seed)")
        }
        at += 1
      }
      #expect(at == fields.count, "\(seed)")
      #expect(whole == writer.bytes, "\(seed)")
    }
  }

  @Test func signedAndPackedNumbersComeBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let edges: [Int64] = [1, -1, 63, -64, 64, -65, .max, .min]
    for value in edges + (0..<300).map({ _ in Int64(bitPattern: samples.number() | 1) }) {
      var writer = MessageWriter()
      writer.zigzag(7, value)
      var reader = MessageReader(writer.bytes)
      let field = try #require(try reader.next("test"))
      #expect(try field.zigzag("test") == value, "\(seed)")
    }
    for _ in 0..<100 {
      let values = (0..<samples.small(1...200)).map { _ in samples.number() }
      let ids = (0..<samples.small(1...50)).map { _ in samples.id() }
      var writer = MessageWriter()
      writer.packed(1, values)
      writer.ids(2, ids)
      var reader = MessageReader(writer.bytes)
      #expect(try reader.next("test")?.packed("test") == values, "\(seed)")
      #expect(try reader.next("test")?.ids("test") == ids, "\(seed)")
      #expect(reader.isAtEnd)
    }
  }

  @Test func nothingIsWrittenForZeroAndEmpty() {
    var writer = MessageWriter()
    writer.number(1, 0)
    writer.zigzag(2, 0)
    writer.text(3, "")
    writer.data(4, [])
    writer.packed(5, [])
    writer.ids(6, [])
    writer.time(7, FileTime(seconds: 0))
    #expect(writer.bytes == [])
    writer.element(9, [])
    #expect(writer.bytes == [0x4a, 0])
  }

  @Test func everyCutIsNoticed() throws {
    var writer = MessageWriter()
    writer.number(1, .max)
    writer.data(200, [UInt8](repeating: 7, count: 200))
    let borders: Set<Int> = [0, 11]
    for end in writer.bytes.indices {
      let cut = Array(writer.bytes[..<end])
      let found = try code {
        var reader = MessageReader(cut)
        while try reader.next("test") != nil {}
      }
      #expect(found == (borders.contains(end) ? nil : .truncated), "\(end)")
    }
  }

  @Test func fieldsAreBroughtIntoOrder() throws {
    var writer = MessageWriter()
    writer.number(9, 1)
    writer.text(2, "b")
    writer.text(2, "a")
    writer.number(1, 5)
    var wanted = MessageWriter()
    wanted.number(1, 5)
    wanted.text(2, "b")
    wanted.text(2, "a")
    wanted.number(9, 1)
    #expect(writer.ascending() == wanted.bytes)
  }
}
