// SPDX-License-Identifier: Apache-2.0

/// A piece of metadata that is ready to be stored.
public struct MetadataBlob: Sendable {
  /// Its id under the tree key.
  public let id: BlobID
  /// Its plaintext.
  public let bytes: [UInt8]

  /// Takes both; `id` is the HMAC of `bytes`.
  public init(id: BlobID, bytes: [UInt8]) {
    self.id = id
    self.bytes = bytes
  }
}

/// The root of a finished tree.
public struct TreeRoot: Hashable, Sendable {
  /// Id of the root node.
  public let id: BlobID
  /// Its level.
  public let level: UInt64

  /// Takes both.
  public init(id: BlobID, level: UInt64) {
    self.id = id
    self.level = level
  }
}

/// Turns entries in path order into tree nodes whose borders depend on names only.
///
/// A copy of the builder can be finished early, for a checkpoint, while the original goes on.
/// Format: FORMAT.md, "Tree".
public struct TreeBuilder: Sendable {
  private let secrets: ChunkerSecrets
  private var leaf = Level()
  private var interior: [Level] = []
  private var previousPath: [UInt8] = []

  /// Entries so far.
  public private(set) var entryCount: UInt64 = 0

  private struct Level: Sendable {
    var bytes: [UInt8] = []
    var count = 0
    var firstPath: [UInt8] = []
    var entryCount: UInt64 = 0
    var byteCount: UInt64 = 0
  }

  // The cutting rules; FORMAT.md, "Tree".
  private static let leafMin = 4 * 1024
  private static let leafMax = 32 * 1024
  private static let childMin = 16
  private static let childMax = 512
  private static let interiorMax = 256 * 1024

  /// An empty tree; `secrets` decide the borders.
  public init(secrets: ChunkerSecrets) { self.secrets = secrets }

  /// Adds the next entry; gives the nodes that it completes.
  ///
  /// - Throws: ``FormatError`` `.malformed` when the path does not follow the one before,
  ///   `.tooLarge` for an entry that is too long.
  public mutating func add(_ entry: Entry, ids: MAC) throws(FormatError) -> [MetadataBlob] {
    guard entryCount == 0 || TreePath.precedes(previousPath, entry.path) else {
      throw FormatError(.malformed, "order of paths")
    }
    let bytes = entry.encoded(after: leaf.count == 0 ? [] : previousPath)
    guard bytes.count <= Entry.byteCountMax else { throw FormatError(.tooLarge, "entry") }
    previousPath = entry.path
    entryCount += 1
    if leaf.count == 0 { leaf.firstPath = entry.path }
    Self.append(field: 2, bytes, to: &leaf)
    leaf.entryCount += 1
    leaf.byteCount &+= entry.size
    let size = leaf.bytes.count
    guard size >= Self.leafMax || (size >= Self.leafMin && isBorder(entry.path)) else { return [] }
    var out: [MetadataBlob] = []
    try closeLeaf(ids, &out)
    return out
  }

  /// Ends the tree: the last nodes, the root at the end of the list.
  ///
  /// - Parameter snapshotCopy: the snapshot's message without its root, stored in the root node.
  public mutating func finish(
    snapshotCopy: [UInt8], ids: MAC
  ) throws(FormatError) -> (nodes: [MetadataBlob], root: TreeRoot) {
    var out: [MetadataBlob] = []
    if interior.isEmpty { return try root(leaf, 0, snapshotCopy, ids, out) }
    if leaf.count > 0 { try closeLeaf(ids, &out) }
    var level = 0
    while level + 1 < interior.count {
      if interior[level].count > 0 { try closeInterior(level, ids, &out) }
      level += 1
    }
    return try root(interior[level], UInt64(level + 1), snapshotCopy, ids, out)
  }

  private func root(
    _ node: Level, _ level: UInt64, _ copy: [UInt8], _ ids: MAC, _ nodes: [MetadataBlob]
  ) throws(FormatError) -> (nodes: [MetadataBlob], root: TreeRoot) {
    guard level <= TreeLimits.levelMax else { throw FormatError(.tooLarge, "tree") }
    var out = MessageWriter()
    out.number(1, level)
    out.raw(node.bytes)
    out.data(4, copy)
    guard out.bytes.count <= TreeLimits.nodeByteCountMax else {
      throw FormatError(.tooLarge, "root node")
    }
    let blob = MetadataBlob(id: try ids.id(of: out.bytes), bytes: out.bytes)
    return (nodes + [blob], TreeRoot(id: blob.id, level: level))
  }

  private mutating func closeLeaf(_ ids: MAC, _ out: inout [MetadataBlob]) throws(FormatError) {
    let node = leaf
    leaf = Level()
    try push(node, level: 0, ids, &out)
  }

  private mutating func closeInterior(
    _ index: Int, _ ids: MAC, _ out: inout [MetadataBlob]
  ) throws(FormatError) {
    let node = interior[index]
    interior[index] = Level()
    try push(node, level: UInt64(index + 1), ids, &out)
  }

  /// Emits a finished node of `level` and enters it into the level above.
  private mutating func push(
    _ node: Level, level: UInt64, _ ids: MAC, _ out: inout [MetadataBlob]
  ) throws(FormatError) {
    var message = MessageWriter()
    message.number(1, level)
    message.raw(node.bytes)
    let blob = MetadataBlob(id: try ids.id(of: message.bytes), bytes: message.bytes)
    out.append(blob)
    let child = TreeNode.Child(
      id: blob.id, firstPath: node.firstPath, entryCount: node.entryCount,
      byteCount: node.byteCount)
    let index = Int(level)
    if interior.count == index { interior.append(Level()) }
    if interior[index].count == 0 { interior[index].firstPath = child.firstPath }
    Self.append(field: 3, child.encoded(), to: &interior[index])
    interior[index].entryCount += child.entryCount
    interior[index].byteCount &+= child.byteCount
    let above = interior[index]
    let isFull = above.count >= Self.childMax || above.bytes.count >= Self.interiorMax
    if isFull || (above.count >= Self.childMin && isBorder(child.firstPath)) {
      try closeInterior(index, ids, &out)
    }
  }

  private static func append(field: UInt64, _ bytes: [UInt8], to level: inout Level) {
    var message = MessageWriter()
    message.element(field, bytes)
    level.bytes += message.bytes
    level.count += 1
  }

  private func isBorder(_ path: [UInt8]) -> Bool { secrets.gear(of: path.suffix(64)) >> 59 == 0 }
}

/// Turns long chunk lists into List nodes. Format: FORMAT.md, "Lists".
public enum ListBuilder {
  private static let elementMin = 128
  private static let elementMax = 2048

  /// Replaces more than 256 ids by ids of lists, level by level; gives the lists to store.
  public static func fold(
    _ content: Content, ids: MAC
  ) throws(FormatError) -> (Content, [MetadataBlob]) {
    var content = content
    var out: [MetadataBlob] = []
    while content.ids.count > TreeLimits.inlineIDCountMax {
      guard content.level < TreeLimits.levelMax else { throw FormatError(.tooLarge, "file") }
      var next = Content()
      next.level = content.level + 1
      var start = 0
      for i in content.ids.indices {
        let count = i + 1 - start
        let ends =
          count >= elementMax || (count >= elementMin && content.ids[i].firstByte == 0)
          || i + 1 == content.ids.count
        guard ends else { continue }
        let list = ListNode(
          level: content.level, ids: Array(content.ids[start...i]),
          lengths: Array(content.lengths[start...i]))
        let bytes = list.encoded()
        let id = try ids.id(of: bytes)
        out.append(MetadataBlob(id: id, bytes: bytes))
        next.ids.append(id)
        next.lengths.append(list.lengths.reduce(0, &+))
        start = i + 1
      }
      content = next
    }
    return (content, out)
  }
}
