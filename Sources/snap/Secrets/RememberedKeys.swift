// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SnapFormat

/// The key rings this computer remembers, so that daily commands derive nothing from a password.
///
/// One file a repository, its name the repository's id in hex, its content sealed under the
/// device key with the id as additional data. What cannot be opened counts as not remembered.
struct RememberedKeys: Sendable {
  /// What is remembered of one repository.
  struct Record: Equatable, Sendable {
    /// The repository's id.
    var repositoryID: [UInt8]
    /// Its name for people.
    var label: String
    /// The addresses it was opened at, the newest first.
    var addresses: [String]
    /// The encoded key ring.
    var ring: [UInt8]
  }

  private static let magic = Array("snapkey1".utf8)
  private static let nonceLength = 12

  private let directory: String
  private let deviceKeyPath: String

  /// Uses the directory and the device key of `places`.
  init(_ places: Places) {
    directory = places.credentials
    deviceKeyPath = places.deviceKey
  }

  /// Remembers a repository. Its address is taken from any other repository that was once there.
  func put(
    repositoryID: [UInt8], label: String, ring: [UInt8], address: String
  ) throws(Failure) {
    let key = try DeviceKey.loadOrMake(deviceKeyPath)
    try PrivateFile.makeDirectory(directory)
    var addresses = [address]
    for var other in try all() {
      if other.repositoryID == repositoryID {
        addresses += other.addresses.filter { $0 != address }
      } else if other.addresses.contains(address) {
        other.addresses.removeAll { $0 == address }
        try write(other, key)
      }
    }
    let record = Record(
      repositoryID: repositoryID, label: label, addresses: Array(addresses.prefix(16)),
      ring: ring)
    if try record != self.record(repositoryID) { try write(record, key) }
  }

  /// The key ring of a repository; nil if it is not remembered.
  func ring(repositoryID: [UInt8]) throws(Failure) -> [UInt8]? {
    try record(repositoryID)?.ring
  }

  /// Everything remembered of a repository; nil if it is not.
  func record(_ repositoryID: [UInt8]) throws(Failure) -> Record? {
    guard let sealed = try PrivateFile.read(path(repositoryID), secret: true) else { return nil }
    guard let key = try DeviceKey.load(deviceKeyPath) else { return nil }
    return open(sealed, repositoryID, key)
  }

  /// The id of the repository that was last opened at an address.
  func repositoryID(forAddress address: String) throws(Failure) -> [UInt8]? {
    try all().first { $0.addresses.contains(address) }?.repositoryID
  }

  /// Forgets a repository; nothing happens if it is not remembered.
  func remove(repositoryID: [UInt8]) throws(Failure) {
    let path = path(repositoryID)
    if unsafe unlink(path) != 0, errno != ENOENT, errno != ENOTDIR { throw .writing(path, errno) }
  }

  /// Everything that is remembered and can be opened, in the order of the ids.
  func all() throws(Failure) -> [Record] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
      return []
    }
    var records: [Record] = []
    for name in names.sorted() {
      guard let id = Hex.decode(name), let record = try record(id) else { continue }
      records.append(record)
    }
    return records
  }

  private func path(_ repositoryID: [UInt8]) -> String {
    directory + "/" + Hex.encode(repositoryID)
  }

  private static func additional(_ repositoryID: [UInt8]) -> [UInt8] {
    Array("snap/1/device:".utf8) + repositoryID
  }

  private func write(_ record: Record, _ key: DeviceKey) throws(Failure) {
    var writer = RecordWriter()
    writer.add(Array(record.label.utf8))
    writer.add(record.ring)
    for address in record.addresses { writer.add(Array(address.utf8)) }
    let sealed: [UInt8]
    do {
      let nonce = try SecureRandom.bytes(RememberedKeys.nonceLength)
      let box = try AEAD.seal(
        key: key.bytes, nonce: nonce, aad: RememberedKeys.additional(record.repositoryID),
        plaintext: writer.bytes)
      sealed = RememberedKeys.magic + nonce + box
    } catch {
      throw .internal("remember: \(error)")
    }
    try PrivateFile.replace(path(record.repositoryID), with: sealed)
  }

  private func open(_ file: [UInt8], _ repositoryID: [UInt8], _ key: DeviceKey) -> Record? {
    let head = RememberedKeys.magic.count + RememberedKeys.nonceLength
    guard file.count > head, file.starts(with: RememberedKeys.magic) else { return nil }
    let opened = try? AEAD.open(
      key: key.bytes, nonce: Array(file[RememberedKeys.magic.count..<head]),
      aad: RememberedKeys.additional(repositoryID), sealed: Array(file[head...]))
    guard let opened, let fields = RecordWriter.fields(opened), fields.count >= 2 else {
      return nil
    }
    return Record(
      repositoryID: repositoryID, label: String(decoding: fields[0], as: UTF8.self),
      addresses: fields[2...].map { String(decoding: $0, as: UTF8.self) }, ring: fields[1])
  }
}

/// Byte strings one after another, each behind its length in four bytes, little end first.
struct RecordWriter {
  /// What was added.
  private(set) var bytes: [UInt8] = []

  /// Adds one byte string.
  mutating func add(_ field: [UInt8]) {
    let length = UInt32(clamping: field.count)
    for shift in [0, 8, 16, 24] as [UInt32] {
      bytes.append(UInt8(truncatingIfNeeded: length >> shift))
    }
    bytes += field.prefix(Int(length))
  }

  /// Takes them apart; nil if the bytes do not fit.
  static func fields(_ bytes: [UInt8]) -> [[UInt8]]? {
    var fields: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.count >= 4 else { return nil }
      let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard length <= rest.count else { return nil }
      fields.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return fields
  }
}
