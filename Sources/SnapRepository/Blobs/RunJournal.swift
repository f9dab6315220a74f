// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// The diary of one run on this computer: packs that are stored but not yet indexed.
///
/// A plain file per run, locked while the run lives; a run that died leaves it for the next one.
/// Records: u32 length, u8 type, payload, u32 CRC-32C of type and payload; a torn last record is
/// ignored.
final class RunJournal: Sendable {
  let file: LockedFile
  let run: RunID

  private enum Kind: UInt8 {
    case begin = 1
    case pack = 2
    case synced = 3
    case indexed = 4
  }

  /// What a dead run left.
  struct Remains {
    var run: RunID
    var sameBoot: Bool
    /// Packs that no segment names yet, and whether the disk is known to have them.
    var packs: [(group: IndexGroup, isSynced: Bool)]
  }

  /// A new journal for a new run.
  init(new run: RunID, folder: String) throws(RepositoryError) {
    try LocalFiles.makeDirectory(folder)
    let path = folder + "/" + run.description
    guard let file = try LockedFile(path, wait: false) else {
      throw RepositoryError(.localState, "another process holds \(path)")
    }
    self.file = file
    self.run = run
    try append(.begin, run.bytes + LocalFiles.bootID())
  }

  /// The journal of a run that is taken up again.
  init(continuing file: LockedFile, run: RunID) throws(RepositoryError) {
    self.file = file
    self.run = run
    try file.replaceContent([])
    try append(.begin, run.bytes + LocalFiles.bootID())
  }

  func add(_ group: IndexGroup, isSynced: Bool = false) throws(RepositoryError) {
    var bytes: [UInt8] = []
    group.append(to: &bytes)
    try append(.pack, bytes)
    if isSynced { try append(.synced, []) }
  }

  /// All packs so far are durable and a durable segment names them.
  func indexed() throws(RepositoryError) { try append(.indexed, []) }

  /// The run has ended well.
  func remove() { LocalFiles.remove(file.path) }

  private func append(_ kind: Kind, _ payload: [UInt8]) throws(RepositoryError) {
    let body = [kind.rawValue] + payload
    var record = Self.le32(UInt32(body.count)) + body
    record += Self.le32(unsafe body.withUnsafeBytes { unsafe CRC32C.checksum($0) })
    try file.append(record)
  }

  private static func le32(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// Journals of dead runs in a folder, each with its lock held.
  static func dead(in folder: String) -> [(file: LockedFile, remains: Remains)] {
    var out: [(LockedFile, Remains)] = []
    for name in LocalFiles.names(in: folder) {
      guard let file = try? LockedFile(folder + "/" + name, wait: false) else { continue }
      guard let bytes = try? file.content(), let remains = parse(bytes) else {
        // Empty or not a journal: nothing is lost by removing it.
        LocalFiles.remove(file.path)
        continue
      }
      out.append((file, remains))
    }
    return out
  }

  static func parse(_ bytes: [UInt8]) -> Remains? {
    var position = 0
    var remains: Remains?
    while let (kind, payload) = next(bytes, &position) {
      switch kind {
      case .begin:
        guard let run = RunID(payload.prefix(16)) else { return nil }
        let boot = Array(payload.dropFirst(16))
        remains = Remains(
          run: run, sameBoot: !boot.isEmpty && boot == LocalFiles.bootID(), packs: [])
      case .pack:
        guard let group = try? IndexSegment.decode(payload).first else { return remains }
        remains?.packs.append((group, false))
      case .synced:
        let count = remains?.packs.count ?? 0
        for i in 0..<count { remains?.packs[i].isSynced = true }
      case .indexed: remains?.packs = []
      }
    }
    return remains
  }

  private static func next(_ bytes: [UInt8], _ position: inout Int) -> (Kind, [UInt8])? {
    guard let length = number(bytes, position), length >= 1, length <= 64 << 20,
      let sum = number(bytes, position + 4 + length)
    else { return nil }
    let body = Array(bytes[position + 4..<position + 4 + length])
    guard unsafe body.withUnsafeBytes({ unsafe Int(CRC32C.checksum($0)) }) == sum,
      let kind = Kind(rawValue: body[0])
    else { return nil }
    position += 8 + length
    return (kind, Array(body.dropFirst()))
  }

  private static func number(_ bytes: [UInt8], _ at: Int) -> Int? {
    guard at >= 0, at + 4 <= bytes.count else { return nil }
    return (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
  }
}
