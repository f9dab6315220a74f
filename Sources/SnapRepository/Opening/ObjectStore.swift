// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
public import SnapStorage

/// Sealed objects on a backend: names, second copies, errors that name the object.
public struct ObjectStore: Sendable {
  /// The storage.
  public let backend: any Backend

  /// Objects on `backend`.
  public init(_ backend: any Backend) { self.backend = backend }

  /// The objects of one kind: id, bytes, server time in nanoseconds. Foreign names are left out.
  public func list(_ kind: ObjectKind) async throws(RepositoryError) -> [ListedObject] {
    try await list(prefix: kind.folder)
  }

  /// The second copies of one kind.
  public func listMirror(_ kind: ObjectKind) async throws(RepositoryError) -> [ListedObject] {
    try await list(prefix: "mirror/" + kind.folder)
  }

  private func list(prefix: String) async throws(RepositoryError) -> [ListedObject] {
    do throws(BackendError) {
      return try await backend.list(prefix).compactMap { info in
        guard let parsed = ObjectKind.parse(info.name.text) else { return nil }
        return ListedObject(
          kind: parsed.kind, id: parsed.id, size: UInt64(info.size), modified: info.modified)
      }
    } catch { throw RepositoryError(error, "cannot list \(prefix)", object: prefix) }
  }

  /// Length and time of one object; nil when there is none.
  func head(_ name: String) async throws(RepositoryError) -> ObjectInfo? {
    do throws(BackendError) {
      return try await backend.list(name).first { $0.name.text == name }
    } catch {
      if error.code == .notFound { return nil }
      throw RepositoryError(error, "cannot look up an object", object: name)
    }
  }

  /// Bytes of an object; a missing one is `.damaged` with the storage's `.notFound`.
  public func read(
    _ name: String, _ range: Range<Int>? = nil
  ) async throws(RepositoryError) -> [UInt8] {
    do throws(BackendError) {
      return try await backend.read(ObjectName(name), range)
    } catch {
      switch error.code {
      case .notFound:
        throw RepositoryError(.damaged, "an object is missing", object: name, storage: error)
      case .rangeBeyondEnd, .corrupt:
        throw RepositoryError(.damaged, "an object is too short", object: name, storage: error)
      default: throw RepositoryError(error, "cannot read", object: name)
      }
    }
  }

  /// Writes an object once.
  func write(
    _ body: ObjectBody, to name: String, _ mode: WriteMode
  ) async throws(RepositoryError) {
    do throws(BackendError) {
      try await backend.write(body, to: ObjectName(name), mode)
    } catch { throw RepositoryError(error, "cannot write", object: name) }
  }

  func remove(_ name: String) async throws(RepositoryError) {
    do throws(BackendError) {
      try await backend.remove(ObjectName(name))
    } catch { throw RepositoryError(error, "cannot remove", object: name) }
  }

  /// Opens a single-payload object; a snapshot that is damaged or missing is read from its copy.
  ///
  /// - Throws: ``RepositoryError`` `.damaged`, `.newer`, `.notAllowed`, `.storage`.
  func open(
    _ kind: ObjectKind, _ id: ObjectID, ring: KeyRing
  ) async throws(RepositoryError) -> OpenedObject {
    let name = kind.name(of: id)
    do throws(RepositoryError) {
      return try await openOne(kind, id, name, ring)
    } catch {
      guard kind.isMirrored, error.code == .damaged else { throw error }
      guard let copy = try? await openOne(kind, id, "mirror/" + name, ring) else { throw error }
      return OpenedObject(
        header: copy.header, payload: copy.payload, bytes: copy.bytes, damagedOriginal: error)
    }
  }

  private func openOne(
    _ kind: ObjectKind, _ id: ObjectID, _ name: String, _ ring: KeyRing
  ) async throws(RepositoryError) -> OpenedObject {
    let bytes = try await read(name)
    do throws(FormatError) {
      let (header, payload) = try SealedPayload.open(bytes, kind: kind, id: id, ring: ring)
      return OpenedObject(header: header, payload: payload, bytes: bytes, damagedOriginal: nil)
    } catch {
      // An intact configuration under another key: not damage, but a ring of another repository.
      if kind == .configuration, error.code == .wrongKey {
        throw RepositoryError(.wrongKey, "these keys belong to another repository", object: name)
      }
      throw RepositoryError(error, object: name)
    }
  }

  /// Seals and writes a single-payload object, its second copy too where the kind has one.
  func put(
    _ kind: ObjectKind, _ payload: [UInt8], keys: EpochKeys, run: RunID, mirrored: Bool
  ) async throws(RepositoryError) -> (id: ObjectID, bytes: [UInt8]) {
    let bytes: [UInt8]
    let key: ObjectKey
    do throws(FormatError) {
      key = try ObjectKey(
        new: kind, epoch: keys, suite: .aes256GCM, run: run, entropy: run.bytes + payload.prefix(64)
      )
      bytes = try SealedPayload.seal(payload, key: key, compressor: Compressor(level: 3))
    } catch { throw RepositoryError(error, object: kind.folder) }
    let name = kind.name(of: key.header.id)
    try await write(ObjectBody(bytes), to: name, .create)
    if mirrored, kind.isMirrored {
      try await write(ObjectBody(bytes), to: "mirror/" + name, .create)
    }
    return (key.header.id, bytes)
  }
}

/// One line of a listing.
public struct ListedObject: Hashable, Sendable {
  /// What it is.
  public let kind: ObjectKind
  /// Its name.
  public let id: ObjectID
  /// Bytes.
  public let size: UInt64
  /// Server time, nanoseconds since 1970.
  public let modified: Int64
}

/// A single-payload object that was read.
struct OpenedObject: Sendable {
  let header: ObjectHeader
  let payload: [UInt8]
  /// The whole object.
  let bytes: [UInt8]
  /// Why the original could not be used, when the copy was.
  let damagedOriginal: RepositoryError?
}

extension RepositoryError {
  /// What a codec found, about one object.
  init(_ error: FormatError, object: String) {
    switch error.code {
    case .unsupported:
      self.init(.newer, "written by a newer snap: \(error.detail)", object: object)
    case .noKey:
      self.init(.notAllowed, "these keys cannot open it: \(error.detail)", object: object)
    default: self.init(.damaged, "\(error)", object: object)
    }
  }
}
