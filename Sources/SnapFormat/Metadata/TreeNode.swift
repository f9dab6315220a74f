// SPDX-License-Identifier: Apache-2.0

/// A node of the path-sorted tree: a leaf of entries, or an interior node.
///
/// Format: FORMAT.md, "Tree".
public struct TreeNode: Hashable, Sendable {
  /// 0 for a leaf.
  public var level: UInt64
  /// Entries of a leaf, ascending.
  public var entries: [Entry] = []
  /// Children of an interior node, ascending.
  public var children: [Child] = []
  /// The snapshot's message, in the root only.
  public var snapshotCopy: [UInt8] = []

  /// One child of an interior node.
  public struct Child: Hashable, Sendable {
    /// The node's id.
    public var id: BlobID
    /// Path of the first entry below.
    public var firstPath: [UInt8]
    /// Entries below.
    public var entryCount: UInt64
    /// Sum of the sizes of the entries below, in bytes.
    public var byteCount: UInt64

    func encoded() -> [UInt8] {
      var out = MessageWriter()
      out.data(1, id.bytes)
      out.data(2, firstPath)
      out.number(3, entryCount)
      out.number(4, byteCount)
      return out.bytes
    }

    init(id: BlobID, firstPath: [UInt8], entryCount: UInt64, byteCount: UInt64) {
      self.id = id
      self.firstPath = firstPath
      self.entryCount = entryCount
      self.byteCount = byteCount
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(FormatError) {
      var id: BlobID?
      self.init(id: .hole, firstPath: [], entryCount: 0, byteCount: 0)
      var reader = MessageReader(bytes)
      while let field = try reader.next("child") {
        switch field.number {
        case 1: id = try field.id("child id")
        case 2: firstPath = Array(try field.data("child path"))
        case 3: entryCount = try field.number("child")
        case 4: byteCount = try field.number("child")
        default: continue
        }
      }
      guard let id else { throw FormatError(.malformed, "child without id") }
      guard TreePath.isSafe(firstPath) else { throw FormatError(.unsafePath, "path of a child") }
      self.id = id
    }
  }

  /// Whether its first entry or child has the path that the parent names; nil: there is no parent.
  public func begins(at path: [UInt8]?) -> Bool {
    guard let path else { return true }
    return level == 0 ? entries.first?.path == path : children.first?.firstPath == path
  }

  /// Entries below, as far as this node says.
  public var entryCount: UInt64 {
    level == 0 ? UInt64(entries.count) : children.reduce(0) { $0 &+ $1.entryCount }
  }

  /// Sum of the sizes of the entries below, modulo 2^64, as far as this node says.
  public var byteCount: UInt64 {
    level == 0
      ? entries.reduce(0) { $0 &+ $1.size } : children.reduce(0) { $0 &+ $1.byteCount }
  }

  /// An empty node of one level.
  public init(level: UInt64) { self.level = level }

  /// Reads a node.
  ///
  /// - Throws: ``FormatError`` `.tooLarge`, `.malformed` (also paths out of order), `.truncated`,
  ///   `.mismatch`, `.unsafePath`. Never traps, whatever the bytes.
  public init(decoding bytes: [UInt8]) throws(FormatError) {
    guard bytes.count <= TreeLimits.nodeByteCountMax else { throw FormatError(.tooLarge, "node") }
    self.init(level: 0)
    var reader = MessageReader(bytes)
    var previous: [UInt8] = []
    while let field = try reader.next("node") {
      switch field.number {
      case 1: level = try field.number("level")
      case 2:
        let entry = try Entry(decoding: field.data("entry"), after: previous)
        guard entries.isEmpty || TreePath.precedes(previous, entry.path) else {
          throw FormatError(.malformed, "order of paths")
        }
        previous = entry.path
        entries.append(entry)
      case 3:
        let child = try Child(decoding: field.data("child"))
        if let last = children.last, !TreePath.precedes(last.firstPath, child.firstPath) {
          throw FormatError(.malformed, "order of paths")
        }
        children.append(child)
      case 4: snapshotCopy = Array(try field.data("snapshot copy"))
      default: continue
      }
    }
    guard level <= TreeLimits.levelMax else { throw FormatError(.tooLarge, "level of a node") }
    guard level == 0 ? children.isEmpty : entries.isEmpty && !children.isEmpty else {
      throw FormatError(.malformed, "node")
    }
  }
}

/// A node of the list of a large file's chunks. Format: FORMAT.md, "Lists".
public struct ListNode: Hashable, Sendable {
  /// 0: ids are data chunks.
  public var level: UInt64
  /// Ids of chunks or of lists.
  public var ids: [BlobID]
  /// Plaintext bytes under each.
  public var lengths: [UInt64]

  func encoded() -> [UInt8] {
    var out = MessageWriter()
    out.number(1, level)
    out.ids(2, ids)
    out.packed(3, lengths)
    return out.bytes
  }

  init(level: UInt64, ids: [BlobID], lengths: [UInt64]) {
    self.level = level
    self.ids = ids
    self.lengths = lengths
  }

  /// Reads a list.
  ///
  /// - Throws: ``FormatError`` `.tooLarge`, `.malformed`, `.truncated`. Never traps.
  public init(decoding bytes: [UInt8]) throws(FormatError) {
    guard bytes.count <= TreeLimits.nodeByteCountMax else { throw FormatError(.tooLarge, "list") }
    self.init(level: 0, ids: [], lengths: [])
    var reader = MessageReader(bytes)
    while let field = try reader.next("list") {
      switch field.number {
      case 1: level = try field.number("level")
      case 2: ids = try field.ids("list ids")
      case 3: lengths = try field.packed("list lengths")
      default: continue
      }
    }
    guard !ids.isEmpty || !lengths.isEmpty else { throw FormatError(.malformed, "empty list") }
    var content = Content()
    content.ids = ids
    content.lengths = lengths
    content.level = level
    try content.check()
  }
}
