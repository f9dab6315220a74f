// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
public import SnapRepository

/// Looks inside a snapshot.
public struct Listing: Sendable {
  private let root: TreeRoot
  /// Finds blobs, and notes damage that was worked around.
  public let reader: BlobReader

  /// The inside of `snapshot`.
  ///
  /// - Throws: ``RepositoryError`` `.damaged` for a snapshot without root.
  public init(_ snapshot: StoredSnapshot, in repository: Repository) throws(RepositoryError) {
    guard let root = snapshot.snapshot.root else {
      throw RepositoryError(.damaged, "snapshot without root")
    }
    self.root = root
    reader = BlobReader(repository)
  }

  /// The first of several candidate paths that exists; the empty path always does.
  public func find(_ candidates: [[UInt8]]) async throws -> (path: [UInt8], entry: Entry?)? {
    for path in candidates {
      if path.isEmpty { return (path, nil) }
      var tree = TreeReader(root, below: path, reader: reader)
      if let entry = try await tree.next(), entry.path == path { return (path, entry) }
    }
    return nil
  }

  /// Gives the entries of a folder (or the file itself), in path order; `recursive` all below it.
  public func entries(
    of folder: [UInt8], recursive: Bool, _ use: (Entry) throws -> Void
  ) async throws {
    var tree = TreeReader(root, below: folder, reader: reader)
    let slash = UInt8(ascii: "/")
    while let entry = try await tree.next() {
      if entry.path == folder, entry.kind == .directory { continue }
      if !recursive {
        let rest = entry.path.dropFirst(folder.isEmpty ? 0 : folder.count + 1)
        if entry.path != folder, rest.contains(slash) { continue }
      }
      try use(entry)
    }
  }

  /// Gives the bytes of a file in order, in pieces.
  ///
  /// - Throws: ``RepositoryError`` `.damaged` when a part is lost; what came before was right.
  public func content(of entry: Entry, _ use: ([UInt8]) throws -> Void) async throws {
    let content = try await reader.flattened(entry.content)
    if !content.inline.isEmpty { try use(content.inline) }
    for (id, length) in zip(content.ids, content.lengths) {
      if id == .hole {
        var left = length
        while left > 0 {
          let part = min(left, 1 << 20)
          try use([UInt8](repeating: 0, count: Int(part)))
          left -= part
        }
        continue
      }
      let chunk = try await reader.chunk(id)
      guard UInt64(chunk.count) == length else {
        throw RepositoryError(.damaged, "length of a blob", object: id.description)
      }
      try use(chunk)
    }
  }
}
