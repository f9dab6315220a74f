// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// Finds the settings in force: the highest (epoch, sequence) whose signature is good.
struct ConfigurationReader: Sendable {
  let store: ObjectStore
  let ring: KeyRing

  struct Found {
    var configuration: Configuration?
    var epoch: UInt8 = 0
    var payload: [UInt8] = []
    var damaged: [RepositoryError] = []
  }

  /// - Throws: ``RepositoryError`` `.storage`; `.newer` when only newer ones are there; `.wrongKey`
  ///   when every one of them says that the ring is that of another repository.
  func newest(of objects: [ListedObject]) async throws(RepositoryError) -> Found {
    var found = Found()
    var best: (epoch: UInt8, sequence: UInt64, id: ObjectID)?
    for object in objects {
      let name = ObjectKind.configuration.name(of: object.id)
      do throws(RepositoryError) {
        let opened = try await store.open(.configuration, object.id, ring: ring)
        let configuration: Configuration
        do throws(FormatError) {
          configuration = try Configuration(
            decoding: opened.payload, epoch: opened.header.epoch, ring: ring)
        } catch { throw RepositoryError(error, object: name) }
        let rank = (opened.header.epoch, configuration.sequence, object.id)
        if let best, (best.epoch, best.sequence, best.id) >= rank { continue }
        best = (rank.0, rank.1, rank.2)
        found.configuration = configuration
        found.epoch = opened.header.epoch
        found.payload = opened.payload
      } catch {
        if error.code == .storage { throw error }
        found.damaged.append(error)
      }
    }
    if found.configuration == nil, let first = found.damaged.first, first.code == .newer {
      throw first
    }
    if found.configuration == nil, let first = found.damaged.first,
      found.damaged.allSatisfy({ $0.code == .wrongKey })
    {
      throw first
    }
    return found
  }
}

/// The newest settings that this computer has verified.
struct ConfigurationMemory: Sendable {
  private let path: String

  init(_ path: String) { self.path = path }

  /// - Throws: ``RepositoryError`` `.damaged` when the storage shows older settings than before.
  func compare(_ configuration: Configuration, epoch: UInt8) throws(RepositoryError) {
    guard let old = try LocalFiles.read(path), old.count > 9 else { return }
    var sequence: UInt64 = 0
    for i in 0..<8 { sequence |= UInt64(old[1 + i]) << UInt64(8 * i) }
    guard (epoch, configuration.sequence) >= (old[0], sequence) else {
      throw RepositoryError(
        .damaged, "the storage shows older settings than this computer has seen before",
        object: "conf/")
    }
  }

  func remember(_ payload: [UInt8], epoch: UInt8) {
    guard let sequence = Self.sequence(payload) else { return }
    var out: [UInt8] = [epoch]
    for i in 0..<8 { out.append(UInt8(truncatingIfNeeded: sequence >> UInt64(8 * i))) }
    let bytes = out + payload
    if let old = try? LocalFiles.read(path), old == bytes { return }
    // Losing this file loses an alarm, no data.
    try? LocalFiles.replace(path, with: bytes)
  }

  func recall(_ ring: KeyRing) -> Configuration? {
    guard let bytes = try? LocalFiles.read(path), bytes.count > 9 else { return nil }
    return try? Configuration(decoding: Array(bytes[9...]), epoch: bytes[0], ring: ring)
  }

  private static func sequence(_ payload: [UInt8]) -> UInt64? {
    Configuration.sequence(inMessage: payload)
  }
}
