// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapRepository

/// Walks trees and looks for every blob that they need; equal subtrees are walked once.
struct TreeProof {
  let repository: Repository
  let reader: BlobReader
  /// Copies of blobs that a full read found damaged.
  let badBlobs: Set<VerifyState.BlobPlace>
  var lostPacks = Set<ObjectID>()
  private(set) var lostObjects = Set<String>()
  /// Nodes already walked, with the paths below that are lost.
  private var done: [BlobID: [[UInt8]]] = [:]

  init(
    repository: Repository, reader: BlobReader, badBlobs: Set<VerifyState.BlobPlace>
  ) {
    self.repository = repository
    self.reader = reader
    self.badBlobs = badBlobs
  }

  /// The paths that cannot be restored whole.
  mutating func check(_ root: TreeRoot) async throws -> [[UInt8]] {
    try await check(node: root.id, level: root.level, parent: nil)
  }

  private mutating func check(
    node id: BlobID, level: UInt64, parent: TreeNode.Child?
  ) async throws -> [[UInt8]] {
    if let known = done[id] { return known }
    var lost: [[UInt8]] = []
    do {
      let bytes = try await reader.metadata(id)
      let node: TreeNode
      do throws(FormatError) { node = try TreeNode(decoding: bytes) } catch {
        throw RepositoryError(.damaged, "\(error)", object: id.description)
      }
      guard node.level == level, node.begins(at: parent?.firstPath),
        parent.map({ $0.entryCount == node.entryCount && $0.byteCount == node.byteCount }) ?? true
      else {
        throw RepositoryError(
          .damaged, "a tree node is not what its parent says", object: id.description)
      }
      for entry in node.entries {
        if try await !isWhole(entry) { lost.append(entry.path) }
      }
      for child in node.children {
        lost += try await check(node: child.id, level: level - 1, parent: child)
      }
    } catch let error as RepositoryError where error.code == .damaged {
      lostObjects.insert(error.object)
      lost.append(parent?.firstPath ?? [])
    }
    done[id] = lost
    return lost
  }

  private mutating func isWhole(_ entry: Entry) async throws -> Bool {
    var isWhole = true
    for content in [entry.content] + entry.xattrs.map(\.content) {
      let flat: Content
      do { flat = try await reader.flattened(content) } catch let error as RepositoryError
        where error.code == .damaged
      {
        lostObjects.insert(error.object)
        return false
      }
      for (id, length) in zip(flat.ids, flat.lengths) where id != .hole {
        if try await !isThere(id, length) { isWhole = false }
      }
    }
    return isWhole
  }

  private mutating func isThere(_ id: BlobID, _ length: UInt64) async throws -> Bool {
    let places: [BlobLocation]
    do throws(RepositoryError) {
      places = try await reader.locations(of: id, in: .dataPack)
    } catch {
      guard error.code == .damaged else { throw error }
      lostObjects.insert(error.object)
      return false
    }
    let good = places.contains { place in
      UInt64(place.record.rawCount) == length && !lostPacks.contains(place.pack.id)
        && !badBlobs.contains(.init(object: place.pack.name, offset: place.offset))
    }
    if !good, let place = places.first { lostObjects.insert(place.pack.name) }
    return good
  }
}
