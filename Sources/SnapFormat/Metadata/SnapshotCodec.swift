// SPDX-License-Identifier: Apache-2.0

extension Snapshot {
  /// The most that a snapshot's message holds, in bytes.
  static let byteCountMax = 512 * 1024

  /// The message.
  public func encoded() -> [UInt8] { encoded(withRoot: true) }

  /// The message without its root, as the root node keeps it.
  public func encodedCopy() -> [UInt8] { encoded(withRoot: false) }

  private func encoded(withRoot: Bool) -> [UInt8] {
    var out = MessageWriter()
    out.number(1, 1)
    if withRoot, let root {
      out.data(2, root.id.bytes)
      out.number(3, root.level)
    }
    out.number(4, UInt64(bitPattern: start.seconds))
    out.number(5, UInt64(start.nanoseconds))
    out.number(6, end)
    out.text(7, host)
    out.text(8, user)
    for path in paths { out.element(9, path) }
    for tag in tags { out.text(10, tag) }
    out.text(11, note)
    out.data(12, statistics.encoded())
    out.data(13, writer)
    out.number(14, writerSequence)
    out.data(15, previous?.bytes ?? [])
    out.data(16, previousHash)
    if run != .none { out.data(17, run.bytes) }
    out.number(18, partial.rawValue)
    for owner in owners { out.element(19, owner.encoded()) }
    for parent in parents { out.data(20, parent.bytes) }
    out.data(21, original?.bytes ?? [])
    out.text(22, program)
    if let chunker {
      var inner = MessageWriter()
      inner.number(1, chunker.algorithm.rawValue)
      inner.number(2, UInt64(chunker.average))
      out.element(23, inner.bytes)
    }
    out.zigzag(24, zoneMinutes)
    for pattern in excludes { out.text(25, pattern) }
    for element in seen {
      var inner = MessageWriter()
      inner.data(1, element.writer)
      inner.number(2, element.sequence)
      out.element(27, inner.bytes)
    }
    for loss in fidelity {
      var inner = MessageWriter()
      inner.text(1, loss.what)
      inner.number(2, loss.count)
      inner.data(3, loss.example)
      out.element(29, inner.bytes)
    }
    out.text(32, profile)
    if unknown.isEmpty { return out.bytes }
    out.raw(unknown)
    return out.ascending()
  }

  /// Reads the payload of an object of kind 4 or 5, with the rules that bind it to its header.
  ///
  /// - Throws: ``FormatError``: those of ``init(decoding:)``, `.mismatch` when the run is not that
  ///   of the header or the header is of another kind, `.malformed` for a snapshot without root.
  public init(decoding bytes: [UInt8], header: ObjectHeader) throws(FormatError) {
    guard header.kind == .snapshot || header.kind == .pending else {
      throw FormatError(.mismatch, "kind of a snapshot")
    }
    try self.init(decoding: bytes)
    guard run == header.run else { throw FormatError(.mismatch, "run of a snapshot") }
    guard root != nil || header.kind == .pending else {
      throw FormatError(.malformed, "snapshot without root")
    }
  }

  /// Reads a snapshot's message, or the copy in a root node.
  ///
  /// - Throws: ``FormatError`` `.unsupported` for a newer version, `.tooLarge`, `.malformed`,
  ///   `.truncated`. Never traps, whatever the bytes.
  public init(decoding bytes: [UInt8]) throws(FormatError) {
    guard bytes.count <= Self.byteCountMax else { throw FormatError(.tooLarge, "snapshot") }
    self.init()
    var rootID: BlobID?
    var level: UInt64 = 0
    var reader = MessageReader(bytes)
    while let field = try reader.next("snapshot") {
      switch field.number {
      case 1:
        guard try field.number("version") == 1 else {
          throw FormatError(.unsupported, "snapshot version")
        }
      case 2: rootID = try field.id("root id")
      case 3: level = try field.number("root level")
      case 4...11: try decodeOrigin(field)
      case 12...18: try decodeRun(field)
      default: try decodeExtras(field)
      }
    }
    guard level <= TreeLimits.levelMax else { throw FormatError(.tooLarge, "level of the tree") }
    root = rootID.map { TreeRoot(id: $0, level: level) }
  }

  private mutating func decodeOrigin(_ field: MessageField) throws(FormatError) {
    switch field.number {
    case 4: start.seconds = Int64(bitPattern: try field.number("start"))
    case 5: start.nanoseconds = try field.nanoseconds()
    case 6: end = try field.number("end")
    case 7: host = try field.text("host")
    case 8: user = try field.text("user")
    case 9: paths.append(Array(try field.data("path")))
    case 10: tags.append(try field.text("tag"))
    default: note = try field.text("note")
    }
  }

  private mutating func decodeRun(_ field: MessageField) throws(FormatError) {
    switch field.number {
    case 12: statistics = try Statistics(decoding: field.data("statistics"))
    case 13: writer = try field.bytes(16, "writer id")
    case 14: writerSequence = try field.number("writer sequence")
    case 15: previous = ObjectID(try field.bytes(32, "previous snapshot"))
    case 16: previousHash = try field.bytes(32, "hash of the previous snapshot")
    case 17:
      guard let run = RunID(try field.bytes(16, "run id")) else {
        throw FormatError(.malformed, "run id")
      }
      self.run = run
    default:
      guard let value = Partial(rawValue: try field.number("partial")) else {
        throw FormatError(.unsupported, "state of a snapshot")
      }
      partial = value
    }
  }

  private mutating func decodeExtras(_ field: MessageField) throws(FormatError) {
    switch field.number {
    case 19: owners.append(try Owner(decoding: field.data("owner")))
    case 20:
      if let id = ObjectID(try field.bytes(32, "parent")) { parents.append(id) }
    case 21: original = ObjectID(try field.bytes(32, "original"))
    case 22: program = try field.text("program")
    case 23: chunker = try Self.decodeChunker(field.data("chunker"))
    case 24: zoneMinutes = try field.zigzag("time zone")
    case 25: excludes.append(try field.text("exclude"))
    case 27: seen.append(try Seen(decoding: field.data("seen")))
    case 29: fidelity.append(try Fidelity(decoding: field.data("fidelity")))
    case 32: profile = try field.text("profile")
    default: unknown += field.encoded
    }
  }

  private static func decodeChunker(
    _ bytes: ArraySlice<UInt8>
  ) throws(FormatError) -> ChunkerSettings? {
    var algorithm: UInt64 = 2
    var average: UInt64 = 1 << 20
    var reader = MessageReader(bytes)
    while let field = try reader.next("chunker") {
      if field.number == 1 { algorithm = try field.number("chunker") }
      if field.number == 2 { average = try field.number("chunker") }
    }
    // A reader never chunks: settings of a newer version are no reason to refuse a snapshot.
    guard let known = ChunkerSettings.Algorithm(rawValue: algorithm), average <= 1 << 24 else {
      return nil
    }
    return try? ChunkerSettings(algorithm: known, average: Int(average))
  }
}

extension Snapshot.Statistics {
  private var values: [UInt64] {
    [
      files, directories, others, bytes, newBytes, storedBytes, newFiles, changedFiles, errors,
    ]
  }

  func encoded() -> [UInt8] {
    var out = MessageWriter()
    for (i, value) in values.enumerated() { out.number(UInt64(i + 1), value) }
    return out.bytes
  }

  init(decoding bytes: ArraySlice<UInt8>) throws(FormatError) {
    self.init()
    var reader = MessageReader(bytes)
    while let field = try reader.next("statistics") {
      guard (1...9).contains(field.number) else { continue }
      let value = try field.number("statistics")
      switch field.number {
      case 1: files = value
      case 2: directories = value
      case 3: others = value
      case 4: self.bytes = value
      case 5: newBytes = value
      case 6: storedBytes = value
      case 7: newFiles = value
      case 8: changedFiles = value
      default: errors = value
      }
    }
  }
}

extension Snapshot.Owner {
  func encoded() -> [UInt8] {
    var out = MessageWriter()
    out.number(1, isGroup ? 2 : 1)
    out.number(2, UInt64(number))
    out.text(3, name)
    return out.bytes
  }

  init(decoding bytes: ArraySlice<UInt8>) throws(FormatError) {
    self.init(isGroup: false, number: 0, name: "")
    var reader = MessageReader(bytes)
    while let field = try reader.next("owner") {
      switch field.number {
      case 1: isGroup = try field.number("owner kind") == 2
      case 2: number = try field.u32("owner number")
      case 3: name = try field.text("owner name")
      default: continue
      }
    }
  }
}

extension Snapshot.Seen {
  init(decoding bytes: ArraySlice<UInt8>) throws(FormatError) {
    self.init(writer: [], sequence: 0)
    var reader = MessageReader(bytes)
    while let field = try reader.next("seen") {
      switch field.number {
      case 1: writer = try field.bytes(16, "writer id")
      case 2: sequence = try field.number("writer sequence")
      default: continue
      }
    }
  }
}

extension Snapshot.Fidelity {
  init(decoding bytes: ArraySlice<UInt8>) throws(FormatError) {
    self.init(what: "", count: 0, example: [])
    var reader = MessageReader(bytes)
    while let field = try reader.next("fidelity") {
      switch field.number {
      case 1: what = try field.text("fidelity")
      case 2: count = try field.number("fidelity")
      case 3: example = Array(try field.data("fidelity"))
      default: continue
      }
    }
  }
}
