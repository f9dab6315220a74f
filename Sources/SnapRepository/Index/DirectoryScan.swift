// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapStorage

/// Reads the directories of packs themselves: for a lost index.
struct DirectoryScan: Sendable {
  let store: ObjectStore
  let ring: KeyRing

  /// The directories of all packs that `view` does not name; unreadable packs come as findings.
  func unindexed(
    beyond view: IndexView
  ) async throws(RepositoryError) -> (groups: [IndexGroup], damaged: [RepositoryError]) {
    var groups: [IndexGroup] = []
    var damaged: [RepositoryError] = []
    let named = Set(view.packs.map(\.id))
    for kind in [ObjectKind.treePack, .dataPack] {
      for object in try await store.list(kind) where !named.contains(object.id) {
        do throws(RepositoryError) {
          groups.append(try await directory(of: object))
        } catch {
          if error.code == .storage { throw error }
          damaged.append(error)
        }
      }
    }
    return (groups, damaged)
  }

  /// The directory of one pack; of its copy when the original is damaged.
  func directory(of object: ListedObject) async throws(RepositoryError) -> IndexGroup {
    let name = object.kind.name(of: object.id)
    do throws(RepositoryError) {
      return try await read(object, name: name, length: Int(object.size))
    } catch {
      guard object.kind.isMirrored, error.code == .damaged else { throw error }
      guard let copy = try await store.head("mirror/" + name) else { throw error }
      return try await read(object, name: "mirror/" + name, length: copy.size)
    }
  }

  private func read(
    _ object: ListedObject, name: String, length: Int
  ) async throws(RepositoryError) -> IndexGroup {
    guard length >= 256, length <= PackLimits.byteCountMax else {
      throw RepositoryError(.damaged, "no pack has \(length) bytes", object: name)
    }
    let head = try await store.read(name, 0..<ObjectHeader.byteCount)
    var tailCount = min(PackDirectory.usualTailByteCount, length)
    var tail = try await store.read(name, length - tailCount..<length)
    do throws(FormatError) {
      let header = try ObjectHeader(decoding: head[...])
      guard header.id == object.id, header.kind == object.kind else {
        throw FormatError(.mismatch, "object name or kind")
      }
      let key = try ObjectKey(opening: header, with: ring)
      let needed = try PackDirectory.tailByteCount(tail, objectLength: UInt64(length), key: key)
      if needed > tailCount {
        tailCount = needed
        do throws(RepositoryError) {
          tail = try await store.read(name, length - tailCount..<length)
        } catch { throw FormatError(.truncated, error.description) }
      }
      let directory = try PackDirectory(tail: tail, objectLength: UInt64(length), key: key)
      return IndexGroup(
        pack: object.id, kind: object.kind, suite: header.suite, epoch: header.epoch,
        length: UInt64(length), created: directory.created, run: header.run,
        records: directory.records)
    } catch { throw RepositoryError(error, object: name) }
  }
}
