// SPDX-License-Identifier: Apache-2.0

public import SnapFormat

/// Walks a snapshot's tree in path order, node by node: memory does not grow with the tree.
public struct TreeReader {
  private let reader: BlobReader
  private let prefix: [UInt8]
  private var stack: [(level: UInt64, children: [TreeNode.Child], next: Int)] = []
  private var leaf: [Entry] = []
  private var position = 0
  private var last: [UInt8]?
  private let root: TreeRoot
  private var isStarted = false

  /// The entries of a tree, or only `prefix` and what lies inside it.
  public init(_ root: TreeRoot, below prefix: [UInt8] = [], reader: BlobReader) {
    self.root = root
    self.prefix = prefix
    self.reader = reader
  }

  /// The next entry; nil at the end.
  ///
  /// - Throws: ``RepositoryError`` `.damaged` when a node cannot be read or is not well formed.
  public mutating func next() async throws -> Entry? {
    if !isStarted {
      isStarted = true
      try await descend(root.id, level: root.level, firstPath: nil)
    }
    while true {
      while position < leaf.count {
        let entry = leaf[position]
        position += 1
        if let last, !TreePath.precedes(last, entry.path) {
          throw RepositoryError(.damaged, "paths of the tree are out of order")
        }
        last = entry.path
        if TreePath.contains(prefix, entry.path) { return entry }
        if !prefix.isEmpty, TreePath.precedes(prefix, entry.path) { return nil }
      }
      guard try await advance() else { return nil }
    }
  }

  private mutating func advance() async throws -> Bool {
    while let top = stack.indices.last {
      let (level, children, next) = stack[top]
      guard next < children.count else {
        stack.removeLast()
        continue
      }
      stack[top].next += 1
      // A child whose successor begins before the prefix holds nothing that is wanted.
      if !prefix.isEmpty, next + 1 < children.count {
        let following = children[next + 1].firstPath
        if following != prefix, TreePath.precedes(following, prefix) { continue }
      }
      let child = children[next]
      try await descend(child.id, level: level - 1, firstPath: child.firstPath)
      return true
    }
    return false
  }

  private mutating func descend(_ id: BlobID, level: UInt64, firstPath: [UInt8]?) async throws {
    let bytes = try await reader.metadata(id)
    let node: TreeNode
    do throws(FormatError) { node = try TreeNode(decoding: bytes) } catch {
      throw RepositoryError(error, object: id.description)
    }
    guard node.level == level, node.begins(at: firstPath) else {
      throw RepositoryError(
        .damaged, "a tree node is not what its parent says", object: id.description)
    }
    if level == 0 {
      leaf = node.entries
      position = 0
    } else {
      leaf = []
      position = 0
      stack.append((level, node.children, 0))
    }
  }
}

extension BlobReader {
  /// The chunks of a content, its lists read: ids and lengths in order.
  ///
  /// - Throws: ``RepositoryError`` `.damaged` when a list cannot be read or does not add up.
  public func flattened(_ content: Content) async throws -> Content {
    var content = content
    while content.level > 0 {
      var next = Content()
      next.level = content.level - 1
      for (id, length) in zip(content.ids, content.lengths) {
        let list: ListNode
        do throws(FormatError) { list = try ListNode(decoding: try await bytes(id)) } catch {
          throw RepositoryError(error, object: id.description)
        }
        guard list.level == next.level, list.lengths.reduce(0, &+) == length else {
          throw RepositoryError(.damaged, "list of a large file", object: id.description)
        }
        next.ids += list.ids
        next.lengths += list.lengths
      }
      content = next
    }
    return content
  }

  private func bytes(_ id: BlobID) async throws(FormatError) -> [UInt8] {
    do { return try await metadata(id) } catch let error as FormatError { throw error } catch {
      throw FormatError(.truncated, "\(error)")
    }
  }
}
