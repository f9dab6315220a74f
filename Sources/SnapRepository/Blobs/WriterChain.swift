// SPDX-License-Identifier: Apache-2.0

public import SnapFormat

/// The chain of one installation's snapshots: a writer id, a running number, the one before.
///
/// A locked file of this computer's state holds it; from choosing the number to the answer of W5
/// the run holds the lock. Format: FORMAT.md, "Chain".
public final class WriterChain: Sendable {
  private let file: LockedFile
  private let writer: [UInt8]
  private let sequence: UInt64
  private let previous: ObjectID?
  private let previousHash: [UInt8]

  /// Waits for the lock and decides the next number.
  ///
  /// - Parameter exists: whether a snapshot of that name is stored.
  public init(
    places: LocalPlaces, exists: (ObjectID) async throws -> Bool
  ) async throws {
    guard let file = try LockedFile(places.writer, wait: true) else {
      throw RepositoryError(.localState, "cannot lock \(places.writer)")
    }
    self.file = file
    let text = String(decoding: try file.content(), as: UTF8.self)
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)
    // writer, sequence, name, hash; and the same for a PUT whose answer is not known.
    guard words.count >= 2, let writer = Hex.decode(words[0]), writer.count == 16,
      let sequence = UInt64(words[1])
    else {
      self.writer = try SecureRandom.bytes(16)
      sequence = 1
      previous = nil
      previousHash = []
      return
    }
    self.writer = writer
    if words.count >= 7, let open = UInt64(words[4]), let id = ObjectID(hex: words[5]),
      let hash = Hex.decode(words[6]), try await exists(id)
    {
      self.sequence = open + 1
      previous = id
      previousHash = hash
    } else {
      self.sequence = sequence + 1
      previous = words.count >= 4 ? ObjectID(hex: words[2]) : nil
      previousHash = words.count >= 4 ? Hex.decode(words[3]) ?? [] : []
    }
  }

  /// Writes fields 13 to 16.
  func fill(_ snapshot: inout Snapshot) {
    snapshot.writer = writer
    snapshot.writerSequence = sequence
    snapshot.previous = previous
    snapshot.previousHash = previousHash
  }

  /// Notes the name before the PUT.
  func committing(_ id: ObjectID, hash: [UInt8]) throws(RepositoryError) {
    try save(last: " \(sequence) \(id) \(Hex.encode(hash))")
  }

  /// Notes that the PUT was answered.
  func committed(_ id: ObjectID, hash: [UInt8]) throws(RepositoryError) {
    let text = "\(Hex.encode(writer)) \(sequence) \(id) \(Hex.encode(hash))\n"
    try file.replaceContent(Array(text.utf8))
  }

  private func save(last: String) throws(RepositoryError) {
    let name = previous.map { $0.description } ?? "-"
    let hash = previousHash.isEmpty ? "-" : Hex.encode(previousHash)
    let text = "\(Hex.encode(writer)) \(sequence - 1) \(name) \(hash)\(last)\n"
    try file.replaceContent(Array(text.utf8))
  }
}
