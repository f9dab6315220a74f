// SPDX-License-Identifier: Apache-2.0

/// Names packs that a collector condemned (kind 6). Format: FORMAT.md, "Tombstones".
public struct Tombstone: Hashable, Sendable {
  /// The collector's pass.
  public var run: RunID
  /// Condemned data packs.
  public var dataPacks: [ObjectID]
  /// Condemned tree packs.
  public var treePacks: [ObjectID]
  /// Seconds since 1970, for people.
  public var time: UInt64

  /// Takes the facts.
  public init(run: RunID, dataPacks: [ObjectID], treePacks: [ObjectID], time: UInt64) {
    self.run = run
    self.dataPacks = dataPacks
    self.treePacks = treePacks
    self.time = time
  }

  /// The message.
  public func encoded() -> [UInt8] {
    var out = MessageWriter()
    out.number(1, 1)
    out.data(2, run.bytes)
    out.ids(3, dataPacks.map(\.value))
    out.ids(4, treePacks.map(\.value))
    out.number(5, time)
    return out.bytes
  }

  /// Reads a tombstone.
  ///
  /// - Throws: ``FormatError`` `.unsupported`, `.malformed`, `.truncated`. Never traps.
  public init(decoding bytes: [UInt8]) throws(FormatError) {
    self.init(run: .none, dataPacks: [], treePacks: [], time: 0)
    var reader = MessageReader(bytes)
    while let field = try reader.next("tombstone") {
      switch field.number {
      case 1:
        guard try field.number("format") == 1 else {
          throw FormatError(.unsupported, "tombstone format")
        }
      case 2:
        guard let run = RunID(try field.bytes(16, "run id")) else {
          throw FormatError(.malformed, "run id")
        }
        self.run = run
      case 3: dataPacks = try field.ids("condemned packs").map(ObjectID.init)
      case 4: treePacks = try field.ids("condemned packs").map(ObjectID.init)
      case 5: time = try field.number("time")
      default: continue
      }
    }
  }
}

/// A record of what was done to a repository (kind 9). Format: FORMAT.md, "Audit".
public struct AuditRecord: Hashable, Sendable {
  /// What was done.
  public enum Action: UInt64, Sendable {
    /// The numbers of field 2.
    case forget = 1
    /// Space was freed.
    case prune = 2
    /// Keys were added, changed or removed.
    case keys = 3
    /// Settings changed.
    case configuration = 4
    /// Labels changed.
    case retag = 5
    /// Damage was mended.
    case repair = 6
    /// Content was proved.
    case verify = 7
    /// A sample was restored.
    case drill = 8
  }

  /// What was done.
  public var action: Action
  /// The computer.
  public var host: String
  /// The user.
  public var user: String
  /// Seconds since 1970, for people.
  public var time: UInt64
  /// Free text.
  public var text: String
  /// Snapshots that it concerns.
  public var snapshots: [ObjectID] = []

  /// Takes the facts.
  public init(action: Action, host: String, user: String, time: UInt64, text: String) {
    self.action = action
    self.host = host
    self.user = user
    self.time = time
    self.text = text
  }

  /// The message.
  public func encoded() -> [UInt8] {
    var out = MessageWriter()
    out.number(1, 1)
    out.number(2, action.rawValue)
    out.ids(3, snapshots.map(\.value))
    out.text(4, host)
    out.text(5, user)
    out.number(6, time)
    out.text(7, text)
    return out.bytes
  }
}
