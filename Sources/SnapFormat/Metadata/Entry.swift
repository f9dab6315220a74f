// SPDX-License-Identifier: Apache-2.0

/// One file, directory, link or other node of a snapshot.
///
/// Format: FORMAT.md, "Entry"; the wire form is in `EntryCodec`.
public struct Entry: Hashable, Sendable {
  /// The whole path: raw bytes, no leading '/'.
  public var path: [UInt8]
  /// `st_mode` with the file type, Linux values.
  public var mode: UInt32
  /// Last change of the content.
  public var mtime = FileTime(seconds: 0)
  /// Last change of the inode: a hint for the next scan, never restored.
  public var ctime: FileTime?
  /// Owner number.
  public var uid: UInt32 = 0
  /// Group number.
  public var gid: UInt32 = 0
  /// Bytes of a regular file, as read.
  public var size: UInt64 = 0
  /// Where the bytes of a regular file are.
  public var content = Content()
  /// Target of a symbolic link: raw bytes.
  public var target: [UInt8] = []
  /// Device numbers of a character or block device.
  public var rdevMajor: UInt32 = 0
  /// Device numbers of a character or block device.
  public var rdevMinor: UInt32 = 0
  /// Equal for all names of one inode: 8 bytes, or empty.
  public var hardlink: [UInt8] = []
  /// Extended attributes by name, POSIX ACLs included.
  public var xattrs: [ExtendedAttribute] = []
  /// Inode flags (`FS_IOC_GETFLAGS`), masked by ``flagsMask``.
  public var flags: UInt32 = 0
  /// SHA-256 of the whole file, or empty.
  public var sha256: [UInt8] = []
  /// Birth time, where the file system has one.
  public var birth: FileTime?
  /// Inode number; left out by default.
  public var inode: UInt64?
  /// Bits of ``Note``.
  public var note: Note = []
  /// The encoded media record (field 26), or empty.
  public var media: [UInt8] = []
  /// Fields of newer versions, kept on rewrite: encoded as they came.
  public var unknown: [UInt8] = []

  /// The inode flags that a snapshot keeps: user-modifiable, no-COW, project-inherit.
  public static let flagsMask: UInt32 = 0x2083_80FF

  /// An entry without content; everything else is set afterwards.
  public init(path: [UInt8], mode: UInt32) {
    self.path = path
    self.mode = mode
  }

  /// What went not quite as it should while the file was read.
  public struct Note: OptionSet, Hashable, Sendable {
    /// The bits of field 25.
    public let rawValue: UInt64
    /// Takes the bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// The file changed while it was read.
    public static let changedWhileRead = Note(rawValue: 1)
    /// A read error: the content is not complete.
    public static let readError = Note(rawValue: 2)
  }

  /// The type of node that `mode` names.
  public var kind: Kind { Kind(mode: mode) }

  /// The types of nodes.
  public enum Kind: Sendable {
    /// The Linux file types.
    case file, directory, symlink, fifo, characterDevice, blockDevice, socket, unknown

    /// Reads the type bits of `st_mode`.
    public init(mode: UInt32) {
      switch mode & 0o170000 {
      case 0o100000: self = .file
      case 0o040000: self = .directory
      case 0o120000: self = .symlink
      case 0o010000: self = .fifo
      case 0o020000: self = .characterDevice
      case 0o060000: self = .blockDevice
      case 0o140000: self = .socket
      default: self = .unknown
      }
    }
  }
}

/// The bytes of a file or of an extended attribute: inline, or a list of chunks (fields 11 to 14).
public struct Content: Hashable, Sendable {
  /// Ids of chunks in order (``BlobID/hole`` for a hole), or of List nodes when `level` > 0.
  public var ids: [BlobID] = []
  /// Plaintext bytes under each id; as many as `ids`.
  public var lengths: [UInt64] = []
  /// 0: ids are data chunks; n: ids are List nodes of level n − 1.
  public var level: UInt64 = 0
  /// The content itself, when it is small.
  public var inline: [UInt8] = []

  /// Empty content.
  public init() {}

  /// The bytes in all.
  public var byteCount: UInt64 {
    // Lengths were checked when decoded; wrapping keeps a forged sum from trapping.
    UInt64(inline.count) &+ lengths.reduce(0, &+)
  }
}

/// An extended attribute; its value is content like a file's.
public struct ExtendedAttribute: Hashable, Sendable {
  /// The whole name with its namespace (`user.comment`): raw bytes.
  public var name: [UInt8]
  /// The value.
  public var content = Content()

  /// An attribute with an inline value.
  public init(name: [UInt8], value: [UInt8]) {
    self.name = name
    content.inline = value
  }

  /// An attribute with any content.
  public init(name: [UInt8], content: Content) {
    self.name = name
    self.content = content
  }
}
