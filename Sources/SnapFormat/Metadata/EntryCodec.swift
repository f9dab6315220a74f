// SPDX-License-Identifier: Apache-2.0

extension Entry {
  /// The most that one encoded entry holds, in bytes.
  static let byteCountMax = 512 * 1024

  /// The message of this entry when `previous` is the path before it in the same leaf.
  func encoded(after previous: [UInt8]) -> [UInt8] {
    var keep = 0
    let most = min(previous.count, path.count)
    while keep < most, previous[keep] == path[keep] { keep += 1 }
    var out = MessageWriter()
    out.number(1, UInt64(keep))
    out.data(2, Array(path[keep...]))
    out.number(3, UInt64(mode))
    out.time(4, mtime)
    if let ctime { out.time(6, ctime) }
    out.number(8, UInt64(uid))
    out.number(9, UInt64(gid))
    out.number(10, size)
    content.write(to: &out)
    out.data(15, target)
    out.number(16, UInt64(rdevMajor))
    out.number(17, UInt64(rdevMinor))
    out.data(18, hardlink)
    for attribute in xattrs {
      var inner = MessageWriter()
      inner.data(1, attribute.name)
      attribute.content.write(to: &inner)
      out.element(19, inner.bytes)
    }
    out.number(20, UInt64(flags))
    out.data(21, sha256)
    if let birth { out.time(22, birth) }
    out.number(24, inode ?? 0)
    out.number(25, note.rawValue)
    out.data(26, media)
    out.raw(unknown)
    return out.bytes
  }

  /// Reads an entry.
  ///
  /// - Throws: ``FormatError`` `.malformed`, `.truncated`, `.tooLarge`, `.mismatch` (Σ lens and
  ///   size), `.unsafePath`. Never traps, whatever the bytes.
  init(
    decoding bytes: ArraySlice<UInt8>, after previous: [UInt8], limit: Int = Entry.byteCountMax
  ) throws(FormatError) {
    guard bytes.count <= limit else { throw FormatError(.tooLarge, "entry") }
    self.init(path: [], mode: 0)
    var keep: UInt64 = 0
    var suffix: ArraySlice<UInt8> = []
    var reader = MessageReader(bytes)
    while let field = try reader.next("entry") {
      switch field.number {
      case 1: keep = try field.number("entry")
      case 2: suffix = try field.data("path")
      case 3: mode = try field.u32("mode")
      case 4...9: try decodeTimesAndOwner(field)
      case 10: size = try field.number("size")
      case 11...14: try content.decode(field)
      case 15: target = Array(try field.data("link target"))
      case 16: rdevMajor = try field.u32("device")
      case 17: rdevMinor = try field.u32("device")
      case 18: hardlink = try field.bytes(8, "hard link tag")
      case 19: xattrs.append(try ExtendedAttribute(decoding: field.data("attribute")))
      case 20...26: try decodeExtras(field)
      default: unknown += field.encoded
      }
    }
    guard keep <= UInt64(previous.count) else { throw FormatError(.malformed, "shared path") }
    path = Array(previous[..<Int(keep)]) + suffix
    guard TreePath.isSafe(path) else { throw FormatError(.unsafePath, "path of an entry") }
    try content.check()
    guard size <= UInt64(Int64.max) else { throw FormatError(.tooLarge, "size of an entry") }
    if kind == .file, !note.contains(.readError), content.byteCount != size {
      throw FormatError(.mismatch, "size of an entry")
    }
  }

  private mutating func decodeTimesAndOwner(_ field: MessageField) throws(FormatError) {
    switch field.number {
    case 4: mtime.seconds = try field.zigzag("time")
    case 5: mtime.nanoseconds = try field.nanoseconds()
    case 6:
      ctime = FileTime(
        seconds: try field.zigzag("time"), nanoseconds: ctime?.nanoseconds ?? 0)
    case 7:
      ctime = FileTime(seconds: ctime?.seconds ?? 0, nanoseconds: try field.nanoseconds())
    case 8: uid = try field.u32("owner")
    default: gid = try field.u32("group")
    }
  }

  private mutating func decodeExtras(_ field: MessageField) throws(FormatError) {
    switch field.number {
    case 20: flags = try field.u32("flags") & Self.flagsMask
    case 21: sha256 = try field.bytes(32, "sha256")
    case 22:
      birth = FileTime(
        seconds: try field.zigzag("time"), nanoseconds: birth?.nanoseconds ?? 0)
    case 23:
      birth = FileTime(seconds: birth?.seconds ?? 0, nanoseconds: try field.nanoseconds())
    case 24: inode = try field.number("inode")
    case 25: note = Note(rawValue: try field.number("note"))
    default: media = Array(try field.data("media record"))
    }
  }
}

extension MessageField {
  func nanoseconds() throws(FormatError) -> UInt32 {
    let value = try u32("nanoseconds")
    guard value <= 999_999_999 else { throw FormatError(.malformed, "nanoseconds") }
    return value
  }
}

extension ExtendedAttribute {
  init(decoding bytes: ArraySlice<UInt8>) throws(FormatError) {
    self.init(name: [], value: [])
    var reader = MessageReader(bytes)
    while let field = try reader.next("attribute") {
      switch field.number {
      case 1: name = Array(try field.data("attribute name"))
      case 11...14: try content.decode(field)
      default: continue
      }
    }
    guard !name.isEmpty, !name.contains(0) else {
      throw FormatError(.malformed, "attribute name")
    }
    try content.check()
  }
}

extension Content {
  func write(to out: inout MessageWriter) {
    out.ids(11, ids)
    out.packed(12, lengths)
    out.number(13, level)
    out.data(14, inline)
  }

  mutating func decode(_ field: MessageField) throws(FormatError) {
    switch field.number {
    case 11: ids = try field.ids("chunk ids")
    case 12: lengths = try field.packed("chunk lengths")
    case 13: level = try field.number("level")
    default: inline = Array(try field.data("inline content"))
    }
  }

  /// What must hold for any content that is read.
  func check() throws(FormatError) {
    guard ids.count == lengths.count else { throw FormatError(.malformed, "chunk lengths") }
    guard level <= TreeLimits.levelMax else { throw FormatError(.tooLarge, "level of a list") }
    guard inline.isEmpty || ids.isEmpty else { throw FormatError(.malformed, "inline content") }
    var sum: UInt64 = 0
    for (id, length) in zip(ids, lengths) {
      let (next, overflow) = sum.addingReportingOverflow(length)
      guard !overflow, next <= UInt64(Int64.max) else { throw FormatError(.tooLarge, "file size") }
      guard length > 0 else { throw FormatError(.malformed, "empty chunk") }
      guard level == 0 || id != .hole else { throw FormatError(.malformed, "hole among lists") }
      // A hole has any length; a chunk is bounded by its record.
      guard level > 0 || id == .hole || length <= UInt64(BlobRecord.rawCountMax) else {
        throw FormatError(.tooLarge, "chunk length")
      }
      sum = next
    }
  }
}

/// The limits of the tree. Format: FORMAT.md, "Tree".
public enum TreeLimits {
  /// Levels above the leaves, and of lists.
  public static let levelMax: UInt64 = 8
  /// Bytes of one node.
  public static let nodeByteCountMax = 1 << 20
  /// Ids that stand in the entry itself; more become lists.
  public static let inlineIDCountMax = 256
}
