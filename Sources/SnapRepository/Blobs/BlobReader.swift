// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
import SnapLock
import SnapStorage

/// Finds and reads single blobs: other copies and the second copies of tree packs are tried before
/// anything is called lost.
public final class BlobReader: Sendable {
  private let repository: Repository
  private let found: Lock<[RepositoryError]>
  private let rebuilt: Lock<Bool>
  /// Packs that were gone, for which the index was read again.
  private let moved = Lock<Set<String>>([])

  /// A reader for one repository.
  public init(_ repository: Repository) {
    self.repository = repository
    found = Lock([])
    rebuilt = Lock(false)
  }

  /// Damage that was worked around.
  public var damage: [RepositoryError] { found.with { $0 } }

  /// Notes damage that was worked around.
  public func note(_ error: RepositoryError) {
    found.with { list in
      guard list.count < 1000, !list.contains(where: { $0.object == error.object }) else { return }
      list.append(error)
    }
  }

  /// All places of a blob. When the index does not name it, it is read anew, and then the packs'
  /// own directories are.
  ///
  /// - Throws: ``RepositoryError`` `.damaged` when nothing has it.
  public func locations(
    of id: BlobID, in kind: ObjectKind
  ) async throws(RepositoryError) -> [BlobLocation] {
    let known = try await repository.index().locations(of: id, in: kind)
    if !known.isEmpty { return known }
    if rebuilt.with({ done in
      defer { done = true }
      return !done
    }) {
      let before = try await repository.reloadIndex()
      for error in before.damaged { note(error) }
      let (_, damaged) = try await repository.indexFromPacks()
      for error in damaged { note(error) }
    }
    let again = try await repository.index().locations(of: id, in: kind)
    if !again.isEmpty { return again }
    throw RepositoryError(.damaged, "no pack holds a blob that is needed", object: id.description)
  }

  /// Reads metadata.
  ///
  /// - Throws: ``RepositoryError`` `.damaged` when no copy is good, `.notAllowed`, `.storage`.
  public func metadata(_ id: BlobID) async throws -> [UInt8] {
    try await read(id, .treePack)
  }

  /// Reads a chunk.
  ///
  /// - Throws: as ``metadata(_:)``.
  public func chunk(_ id: BlobID) async throws -> [UInt8] { try await read(id, .dataPack) }

  private func read(_ id: BlobID, _ kind: ObjectKind) async throws -> [UInt8] {
    do { return try await readOnce(id, kind) } catch let error as RepositoryError {
      // A collector may have moved the blob: its new pack is indexed before the old one goes.
      guard error.isNotFound, !rebuilt.with({ $0 }),
        moved.with({ $0.insert(error.object).inserted })
      else {
        note(error)
        throw error
      }
      try await repository.reloadIndex()
      do { return try await readOnce(id, kind) } catch let error as RepositoryError {
        note(error)
        throw error
      }
    }
  }

  private func readOnce(_ id: BlobID, _ kind: ObjectKind) async throws -> [UInt8] {
    var failure: RepositoryError?
    var missing: [RepositoryError] = []
    for location in try await locations(of: id, in: kind) {
      for name in Self.names(of: location.pack) {
        do {
          let opener = try BlobOpener(dedup: repository.ring.dedup)
          let cipher = try location.pack.key(repository.ring).cipher()
          let sealed = try await repository.store.read(name, location.range)
          let bytes = try unsafe sealed.withUnsafeBytes { sealed in
            unsafe try opener.open(
              location.record, at: UInt64(location.offset), sealed: sealed, cipher: cipher,
              isTree: kind == .treePack
            ) { unsafe Array($0) }
          }
          for error in missing { note(error) }
          return bytes
        } catch let error as RepositoryError {
          if error.code == .storage { throw error }
          failure = failure ?? error
          if error.isNotFound { missing.append(error) } else { note(error) }
        } catch let error as FormatError {
          let wrapped = RepositoryError(error, object: name)
          if wrapped.code == .notAllowed { throw wrapped }
          failure = failure ?? wrapped
          note(wrapped)
        }
      }
    }
    throw failure ?? RepositoryError(.damaged, "a blob cannot be read", object: id.description)
  }

  /// The objects that hold a pack: the original, then its copy.
  public static func names(of pack: PackInfo) -> [String] {
    pack.kind.isMirrored ? [pack.name, "mirror/" + pack.name] : [pack.name]
  }
}
