// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
import SnapStorage

/// What a person or a machine has to open a repository.
public enum Unlock: Sendable {
  /// A ring that this computer remembers.
  case ring(KeyRing)
  /// A password: UTF-8 bytes after NFC.
  case password([UInt8])
  /// The recovery key.
  case recoveryKey(RecoveryKey)
}

/// A key slot in the backend.
public struct StoredSlot: Sendable {
  /// The object's name: `keys/` and 16 hexadecimal digits.
  public let name: String
  /// What it holds.
  public let slot: KeySlot
}

extension ObjectStore {
  /// Reads all key slots; those that cannot be read come as findings.
  public func slots() async throws(RepositoryError) -> (
    slots: [StoredSlot], damaged: [RepositoryError]
  ) {
    let listed: [ObjectInfo]
    do throws(BackendError) { listed = try await backend.list("keys/") } catch {
      throw RepositoryError(error, "cannot list keys/", object: "keys/")
    }
    var slots: [StoredSlot] = []
    var damaged: [RepositoryError] = []
    for info in listed.sorted(by: { $0.name.text < $1.name.text }) {
      let name = info.name.text
      let hex = name.dropFirst(5)
      guard hex.count == 16, Hex.decode(String(hex)) != nil else { continue }
      guard info.size <= KeySlot.byteCountMax else {
        damaged.append(RepositoryError(.damaged, "too large for a key slot", object: name))
        continue
      }
      let bytes: [UInt8]
      do throws(RepositoryError) { bytes = try await read(name) } catch {
        damaged.append(error)
        continue
      }
      do throws(FormatError) {
        slots.append(StoredSlot(name: name, slot: try KeySlot(decoding: bytes)))
      } catch { damaged.append(RepositoryError(error, object: name)) }
    }
    return (slots, damaged)
  }

  /// Opens the ring; the first slot that fits.
  ///
  /// - Throws: ``RepositoryError`` `.wrongKey` when none does.
  func unlock(_ unlock: Unlock) async throws(RepositoryError) -> (ring: KeyRing, slot: String?) {
    switch unlock {
    case .ring(let ring): return (ring, nil)
    case .password(let password): return try await openSlot(.password(password))
    case .recoveryKey(let recovery):
      // After a rotation, slots of the newer epochs lead to the older masters.
      var masters = [recovery.master]
      let (slots, _) = try await slots()
      for stored in slots {
        guard case .master = stored.slot.kdf else { continue }
        let ring = try? stored.slot.open(.master(recovery.master))
        for keys in ring?.epochs ?? [] {
          if let master = keys.master, !masters.contains(master) { masters.append(master) }
        }
      }
      do throws(FormatError) { return (try KeyRing(masters: masters), nil) } catch {
        throw RepositoryError(.wrongKey, error.detail)
      }
    }
  }

  private func openSlot(
    _ secret: KeySlot.Secret
  ) async throws(RepositoryError) -> (ring: KeyRing, slot: String?) {
    let (slots, damaged) = try await slots()
    for stored in slots.sorted(by: { $0.slot.kdf.isCheap && !$1.slot.kdf.isCheap }) {
      do throws(FormatError) {
        if let ring = try stored.slot.open(secret) { return (ring, stored.name) }
      } catch {
        if error.code == .library { throw RepositoryError(.localState, error.detail) }
        continue
      }
    }
    let note = damaged.isEmpty ? "" : "; \(damaged.count) more cannot be read"
    throw RepositoryError(.wrongKey, "tried \(slots.count) key slots\(note)")
  }
}
