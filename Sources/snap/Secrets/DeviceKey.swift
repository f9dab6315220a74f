// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// The random key of this computer's user, under which remembered keys are wrapped.
struct DeviceKey: Sendable {
  /// The length in bytes.
  static let length = 32

  /// The key.
  let bytes: [UInt8]

  /// Reads the key; nil if there is none. Refuses one that others can read or that is no key.
  static func load(_ path: String) throws(Failure) -> DeviceKey? {
    guard let bytes = try PrivateFile.read(path, secret: true) else { return nil }
    guard bytes.count == length else {
      throw .usage(
        "the key of this computer is damaged",
        facts: [("file", path), ("meaning", "it has \(bytes.count) bytes, not \(length)")],
        safe: "your backups are not affected; the password opens them",
        tries: [
          (
            "mv \(ShellWords.quote(path)) \(ShellWords.quote(path + ".old"))",
            "a new one is made; type each password once more"
          )
        ])
    }
    return DeviceKey(bytes: bytes)
  }

  /// Reads the key, or makes one. Of two processes that make it at once both get the same.
  static func loadOrMake(_ path: String) throws(Failure) -> DeviceKey {
    if let key = try load(path) { return key }
    try PrivateFile.makeDirectory(PathText.parent(path))
    let fresh: [UInt8]
    do {
      fresh = try SecureRandom.bytes(length)
    } catch {
      throw .internal("random: \(error)")
    }
    _ = try PrivateFile.createNew(path, with: fresh)
    guard let key = try load(path) else { throw .reading(path, 2) }
    return key
  }
}
