// SPDX-License-Identifier: Apache-2.0

/// The classes of sealed objects; the number stands in the header.
///
/// Format: FORMAT.md, "Names".
public enum ObjectKind: UInt8, Sendable, CaseIterable {
  /// Packs of file content.
  case dataPack = 1
  /// Packs of metadata.
  case treePack = 2
  /// Index segments.
  case index = 3
  /// Committed snapshots.
  case snapshot = 4
  /// Announcements, checkpoints and pending roots of running writers.
  case pending = 5
  /// Tombstones.
  case tombstone = 6
  /// Configuration versions.
  case configuration = 7
  /// Collector leases.
  case lease = 8
  /// Audit records.
  case audit = 9

  /// The folder that holds objects of this kind, with its slash.
  public var folder: String {
    switch self {
    case .dataPack: "data/"
    case .treePack: "tree/"
    case .index: "index/"
    case .snapshot: "snap/"
    case .pending: "pend/"
    case .tombstone: "gone/"
    case .configuration: "conf/"
    case .lease: "lock/"
    case .audit: "log/"
    }
  }

  /// Packs lie in 256 folders; everything else in one.
  public var isPack: Bool { self == .dataPack || self == .treePack }

  /// Kinds whose second copy lies under `mirror/`.
  public var isMirrored: Bool { self == .treePack || self == .snapshot }

  /// The secret that opens the kind, beside the write key.
  var protection: Protection {
    switch self {
    case .dataPack: .readData
    case .treePack, .snapshot, .pending: .readMeta
    default: .none
    }
  }

  enum Protection { case none, readMeta, readData }

  /// The name of an object in the backend.
  public func name(of id: ObjectID) -> String {
    let hex = id.description
    return isPack ? folder + hex.prefix(2) + "/" + hex : folder + hex
  }

  /// Reads a name in the backend; nil when it is not that of a sealed object.
  ///
  /// Names under `mirror/` give the kind and id of their original.
  public static func parse(_ name: String) -> (kind: ObjectKind, id: ObjectID, isMirror: Bool)? {
    var rest = name[...]
    var isMirror = false
    if rest.hasPrefix("mirror/") {
      rest = rest.dropFirst(7)
      isMirror = true
    }
    guard let kind = allCases.first(where: { rest.hasPrefix($0.folder) }),
      let id = ObjectID(hex: String(rest.suffix(64))),
      kind.name(of: id) == String(rest), !isMirror || kind.isMirrored
    else { return nil }
    return (kind, id, isMirror)
  }
}

/// The name of an object: the 32-byte salt of its own key.
public struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The bytes, in the same compact form as a blob id.
  let value: BlobID

  init(_ value: BlobID) { self.value = value }

  /// Takes exactly 32 bytes; nil for any other number.
  public init?(_ bytes: some Collection<UInt8>) {
    guard let value = BlobID(bytes) else { return nil }
    self.value = value
  }

  /// Reads 64 lower-case hexadecimal digits; nil for anything else.
  public init?(hex: String) {
    guard let value = BlobID(hex: hex) else { return nil }
    self.value = value
  }

  /// The 32 bytes.
  public var bytes: [UInt8] { value.bytes }

  /// Reads the 32 bytes at `offset`, whose existence the caller proves.
  public init(unchecked raw: UnsafeRawBufferPointer, at offset: Int) {
    value = unsafe BlobID(unchecked: raw, at: offset)
  }

  /// Writes the 32 bytes at `offset`; the caller proves that there is room.
  public func store(unchecked raw: UnsafeMutableRawBufferPointer, at offset: Int) {
    unsafe value.store(unchecked: raw, at: offset)
  }

  /// The order of the bytes.
  public static func < (a: ObjectID, b: ObjectID) -> Bool { a.value < b.value }

  /// 64 hexadecimal digits.
  public var description: String { value.description }
}

/// Names a run: one invocation of a writer, or one pass of a collector. 16 bytes.
public struct RunID: Hashable, Sendable, CustomStringConvertible {
  /// The 16 bytes.
  public let bytes: [UInt8]

  /// All zero: objects that belong to no run.
  public static let none = RunID(unchecked: [UInt8](repeating: 0, count: 16))

  private init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  /// Takes exactly 16 bytes; nil for any other number.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    self.bytes = Array(bytes)
  }

  /// A new random one.
  public static func random() throws(FormatError) -> RunID {
    RunID(unchecked: try SecureRandom.bytes(16))
  }

  /// 32 hexadecimal digits.
  public var description: String { Hex.encode(bytes) }
}
