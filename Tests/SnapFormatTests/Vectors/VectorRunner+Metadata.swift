// SPDX-License-Identifier: Apache-2.0

@testable import SnapFormat

/// Chunks, messages, trees and snapshots.
extension VectorRunner {
  /// The secrets that a vector's `chunk` key makes.
  private static func secrets(_ v: VectorCase) throws -> ChunkerSecrets {
    try DedupKeys(idData: [], idTree: [], chunk: v.bytes("chunk")).chunkerSecrets()
  }

  static func gear(_ v: VectorCase) throws {
    let secrets = try secrets(v)
    v.gives("t0", hex: secrets.table[0])
    v.gives("t1", hex: secrets.table[1])
    v.gives("t255", hex: secrets.table[255])
    v.gives("a", secrets.aes)
    let sum = secrets.gear(of: v.payload)
    v.gives("f", hex: sum)
    v.gives("x", hex: try Chunker(.standard, secrets).value(sum))
  }

  static func chunker(_ v: VectorCase) throws {
    guard let algorithm = ChunkerSettings.Algorithm(rawValue: try v.number("chunker")) else {
      throw VectorCase.MissingKey(key: "chunker")
    }
    let settings = try ChunkerSettings(algorithm: algorithm, average: Int(v.number("average")))
    let bytes = try ChunkTestData.stream(Int(v.number("length")))
    let lengths = ChunkTestData.lengths(try Chunker(settings, secrets(v)), bytes)
    v.gives("lengths", list: lengths)
    let first = Array(bytes.prefix(lengths.first ?? 0))
    v.gives("first-id", try MAC.tag(key: v.bytes("id-data"), first))
  }

  static func order(_ v: VectorCase) throws {
    let paths = try v.words("paths").map { Hex.decode($0) ?? [] }
    for (i, a) in paths.enumerated() {
      for (j, b) in paths.enumerated() {
        v.require(TreePath.precedes(a, b) == (i < j), "order of \(i) and \(j)")
      }
    }
  }

  static func message(_ v: VectorCase) throws {
    var reader = MessageReader(v.payload)
    var numbers: [UInt64] = []
    var values: [String] = []
    while let field = try reader.next("vector") {
      numbers.append(field.number)
      switch field.value {
      case .number(let number): values.append("\(number)")
      case .data(let bytes): values.append(Hex.encode(bytes))
      }
    }
    v.gives("numbers", list: numbers)
    v.gives("values", list: values)
  }

  static func node(_ v: VectorCase) throws {
    let node = try TreeNode(decoding: v.payload)
    v.gives("level", node.level)
    v.gives("id", try DedupKeys(master()).treeIDs().id(of: v.payload).bytes)
    if node.level == 0 {
      v.gives("paths", list: node.entries.map(\.path))
      v.gives("sizes", list: node.entries.map(\.size))
    } else {
      v.gives("children", list: node.children.map(\.id))
      v.gives("paths", list: node.children.map(\.firstPath))
      v.gives("sizes", list: node.children.map(\.byteCount))
      v.gives("counts", list: node.children.map(\.entryCount))
    }
    v.encodes(Samples.encoded(node))
  }

  static func list(_ v: VectorCase) throws {
    let list = try ListNode(decoding: v.payload)
    v.gives("level", list.level)
    v.gives("ids", list: list.ids)
    v.gives("lengths", list: list.lengths)
    v.gives("id", try DedupKeys(master()).treeIDs().id(of: v.payload).bytes)
    v.encodes(list.encoded())
  }

  /// Media records have no type of their own yet: the fields by their numbers.
  static func media(_ v: VectorCase) throws {
    let names: [UInt64: String] = [
      1: "kind", 5: "source", 6: "width", 7: "height", 9: "orientation",
    ]
    var reader = MessageReader(v.payload)
    while let field = try reader.next("media") {
      switch field.number {
      case 2: v.gives("taken", try field.zigzag("media"))
      case 4:
        // The field is zigzag(offset) + 1; 0 would be unknown.
        let value = try field.number("media") &- 1
        v.gives("offset", Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1))
      case 10: v.gives("make", Array(try field.data("media")))
      case 11: v.gives("model", Array(try field.data("media")))
      case 13: v.gives("latitude", try field.zigzag("media"))
      case 14: v.gives("longitude", try field.zigzag("media"))
      default: v.gives(names[field.number] ?? "?", try field.number("media"))
      }
    }
  }

  static func snapshot(_ v: VectorCase) throws {
    guard let run = RunID(try v.bytes("run")), let id = ObjectID([UInt8](repeating: 1, count: 32))
    else { throw VectorCase.MissingKey(key: "run") }
    let header = ObjectHeader(
      kind: try v.kind(), suite: .aes256GCM, epoch: 0, id: id, run: run, commit: [])
    let snapshot = try Snapshot(decoding: v.payload, header: header)
    v.gives("root", snapshot.root?.id.bytes ?? [])
    v.gives("level", snapshot.root?.level ?? 0)
    v.gives("start", snapshot.start.seconds)
    v.gives("end", snapshot.end)
    v.gives("sequence", snapshot.writerSequence)
    v.gives("zone", snapshot.zoneMinutes)
    v.gives("partial", snapshot.partial.rawValue)
    v.gives("host", Array(snapshot.host.utf8))
    v.gives("user", Array(snapshot.user.utf8))
    v.gives("program", Array(snapshot.program.utf8))
    v.gives("paths", list: snapshot.paths)
    v.gives("tags", list: snapshot.tags.map { Array($0.utf8) })
    v.gives("writer", snapshot.writer)
    v.encodes(snapshot.encoded())
  }
}
