// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage
import SnapTesting

@testable import SnapRepository

extension Bench {
  /// The state folder of a computer.
  private func state(_ computer: String) -> String? {
    let root = folder.file(computer) + "/state"
    return ((try? FileMaker.names(in: root)) ?? []).first.map { "\(root)/\($0)" }
  }

  /// Journals of a computer's runs.
  func journalNames(_ computer: String = "a") -> [String] {
    guard let state = state(computer) else { return [] }
    return (try? FileMaker.names(in: state + "/journal")) ?? []
  }

  /// Writes the journals anew as those of an earlier boot.
  func changeBootID(_ computer: String = "a") throws {
    guard let state = state(computer) else { return }
    for name in journalNames(computer) {
      let path = "\(state)/journal/\(name)"
      let old = try FileMaker.read(path)
      // The first record: length, type, run, boot id, CRC.
      let length = Int(old[0]) | Int(old[1]) << 8
      let body = [1] + Array(old[5..<21]) + Array("another boot".utf8)
      try FileMaker.write(JournalBytes.record(body) + old[(8 + length)...], to: path)
    }
  }

  /// Bytes of all data packs.
  func dataBytes() -> Int {
    backend.names.filter { $0.text.hasPrefix("data/") }
      .reduce(0) { $0 + (backend[$1]?.count ?? 0) }
  }

  /// Removes what the computers keep.
  static func removeFolders(_ bench: Bench) throws {
    for name in try FileMaker.names(in: bench.folder.path) {
      try remove(bench.folder.file(name))
    }
  }

  private static func remove(_ path: String) throws {
    if let names = try? FileMaker.names(in: path) {
      for name in names { try remove("\(path)/\(name)") }
    }
    try FileMaker.remove(path)
  }
}

/// Builds journals byte by byte.
enum JournalBytes {
  /// One record: u32 length, body (type and payload), u32 CRC-32C.
  static func record(_ body: [UInt8]) -> [UInt8] {
    let sum = unsafe body.withUnsafeBytes { unsafe CRC32C.checksum($0) }
    return le32(UInt32(body.count)) + body + le32(sum)
  }

  private static func le32(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
