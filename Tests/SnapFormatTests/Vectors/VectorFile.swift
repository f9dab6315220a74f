// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

/// One file of Tests/Vectors, whose README.md describes the form.
struct VectorFile: Sendable, CustomTestStringConvertible {
  let name: String
  let section: VectorSection
  let expect: String
  /// All other keys.
  let values: [String: String]
  let payload: [UInt8]

  var mustPass: Bool { expect == "ok" }
  var testDescription: String { name }

  struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  init(
    name: String, section: VectorSection, expect: String, values: [String: String],
    payload: [UInt8]
  ) {
    self.name = name
    self.section = section
    self.expect = expect
    self.values = values
    self.payload = payload
  }

  /// Reads the text of a file.
  init(name: String, _ text: [UInt8]) throws {
    var values: [String: String] = [:]
    var digits = ""
    var isPayload = false
    for bytes in text.split(separator: 10, omittingEmptySubsequences: false) {
      let line = String(decoding: bytes, as: UTF8.self)
      if isPayload {
        digits += line
      } else if line.isEmpty {
        isPayload = true
      } else {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Unreadable(description: "\(name): \(line)") }
        let key = String(parts[0])
        let value = String(parts[1].drop { $0 == " " })
        guard values.updateValue(value, forKey: key) == nil else {
          throw Unreadable(description: "\(name): \(key) twice")
        }
      }
    }
    guard isPayload, let payload = Hex.decode(digits) else {
      throw Unreadable(description: "\(name): the payload is no hex")
    }
    guard let section = VectorSection(rawValue: values["section"] ?? "") else {
      throw Unreadable(description: "\(name): unknown section \(values["section"] ?? "(none)")")
    }
    guard values["case"] != nil, let expect = values["expect"],
      expect == "ok" || FormatError.Code(rawValue: expect) != nil
    else { throw Unreadable(description: "\(name): no case or no expectation") }
    self.name = name
    self.section = section
    self.expect = expect
    self.payload = payload
    self.values = values.filter { !["section", "case", "expect"].contains($0.key) }
  }
}

/// All files of Tests/Vectors.
enum VectorFiles {
  /// The folder beside SnapFormatTests, from this file's own path.
  static let folder: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/Vectors"
  }()

  static func names() throws -> [String] {
    try FileMaker.names(in: folder).filter { $0.hasSuffix(".txt") }
  }

  /// Every file, or why one cannot be read.
  static let loaded: Result<[VectorFile], any Error> = Result {
    try names().map { try VectorFile(name: $0, FileMaker.read("\(folder)/\($0)")) }
  }

  /// The files of one section; none when the folder cannot be read, which `VectorTests` reports.
  static func of(_ section: VectorSection) -> [VectorFile] {
    ((try? loaded.get()) ?? []).filter { $0.section == section }
  }
}

/// The sections of the vectors' README.md.
enum VectorSection: String, CaseIterable, Sendable {
  case keys, crc32c, padding, gear, chunker, order, recovery, marker, ring, slot, sealed, blob
  case pack, index, conf, message, node, list, media, snapshot, tombstone

  /// The decoder, with the comparisons of what must come out.
  var run: (VectorCase) throws -> Void {
    switch self {
    case .keys: VectorRunner.keys
    case .crc32c: VectorRunner.crc32c
    case .padding: VectorRunner.padding
    case .gear: VectorRunner.gear
    case .chunker: VectorRunner.chunker
    case .order: VectorRunner.order
    case .recovery: VectorRunner.recovery
    case .marker: VectorRunner.marker
    case .ring: VectorRunner.ring
    case .slot: VectorRunner.slot
    case .sealed: VectorRunner.sealed
    case .blob: VectorRunner.blob
    case .pack: VectorRunner.pack
    case .index: VectorRunner.index
    case .conf: VectorRunner.configuration
    case .message: VectorRunner.message
    case .node: VectorRunner.node
    case .list: VectorRunner.list
    case .media: VectorRunner.media
    case .snapshot: VectorRunner.snapshot
    case .tombstone: VectorRunner.tombstone
    }
  }
}
