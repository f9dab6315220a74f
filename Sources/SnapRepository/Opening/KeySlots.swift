// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
import SnapStorage

extension Repository {
  /// Adds a slot.
  ///
  /// - Returns: its name.
  /// - Throws: ``RepositoryError`` `.notAllowed` unless the ring is full, `.storage`.
  public func addSlot(_ slot: KeySlot, audit: AuditRecord) async throws -> String {
    guard ring.role == .full else {
      throw RepositoryError(.notAllowed, "only the full role manages keys")
    }
    let name = "keys/" + Hex.encode(try SecureRandom.bytes(8))
    try await store.write(ObjectBody(try slot.encoded()), to: name, .create)
    try await log(audit)
    return name
  }

  /// Removes a slot.
  ///
  /// - Throws: ``RepositoryError`` `.notAllowed` unless the ring is full, `.storage`.
  public func removeSlot(_ name: String, audit: AuditRecord) async throws {
    guard ring.role == .full else {
      throw RepositoryError(.notAllowed, "only the full role manages keys")
    }
    try await log(audit)
    try await store.remove(name)
  }

  private func log(_ record: AuditRecord) async throws {
    guard let keys = ring.epochs.last else { return }
    _ = try await store.put(.audit, record.encoded(), keys: keys, run: .none, mirrored: false)
  }
}
