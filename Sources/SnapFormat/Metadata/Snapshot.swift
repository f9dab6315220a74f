// SPDX-License-Identifier: Apache-2.0

/// What a backup saved, when, where and by whom: kinds 4 and 5. Format: FORMAT.md, "Snapshot".
public struct Snapshot: Hashable, Sendable {
  /// The tree; nil for a pure announcement.
  public var root: TreeRoot?
  /// Start of the backup.
  public var start = FileTime(seconds: 0)
  /// End of the backup: seconds since 1970.
  public var end: UInt64 = 0
  /// The computer.
  public var host = ""
  /// The user.
  public var user = ""
  /// The backed-up roots: raw bytes, absolute.
  public var paths: [[UInt8]] = []
  /// Labels.
  public var tags: [String] = []
  /// Free text.
  public var note = ""
  /// Counts.
  public var statistics = Statistics()
  /// The client installation: 16 bytes, or empty.
  public var writer: [UInt8] = []
  /// Its running number, from 1.
  public var writerSequence: UInt64 = 0
  /// The writer's previous snapshot.
  public var previous: ObjectID?
  /// SHA-256 of the previous snapshot's object.
  public var previousHash: [UInt8] = []
  /// The run.
  public var run = RunID.none
  /// Whether the tree is whole.
  public var partial = Partial.whole
  /// Names of owners and groups.
  public var owners: [Owner] = []
  /// Snapshots that it was compared with.
  public var parents: [ObjectID] = []
  /// First object of a retagged snapshot.
  public var original: ObjectID?
  /// Program version.
  public var program = ""
  /// Chunker algorithm and average, for recovery without `conf`.
  public var chunker: ChunkerSettings?
  /// Minutes east of UTC.
  public var zoneMinutes: Int64 = 0
  /// Patterns that were left out.
  public var excludes: [String] = []
  /// Newest (writer, sequence) seen of every writer.
  public var seen: [Seen] = []
  /// What could not be captured.
  public var fidelity: [Fidelity] = []
  /// Profile.
  public var profile = ""
  /// Fields that this version keeps but does not use, encoded; ascending.
  var unknown: [UInt8] = []

  /// An empty snapshot.
  public init() {}

  /// Whether all of the source is in the tree.
  public enum Partial: UInt64, Sendable {
    /// Everything.
    case whole = 0
    /// A running or interrupted run.
    case unfinished = 1
    /// Published although files could not be read.
    case unreadableFiles = 2
  }

  /// Field 12.
  public struct Statistics: Hashable, Sendable {
    /// Regular files.
    public var files: UInt64 = 0
    /// Directories.
    public var directories: UInt64 = 0
    /// Links, devices, pipes.
    public var others: UInt64 = 0
    /// Bytes of all files.
    public var bytes: UInt64 = 0
    /// New bytes before compression.
    public var newBytes: UInt64 = 0
    /// New bytes after compression.
    public var storedBytes: UInt64 = 0
    /// Files that were not there before.
    public var newFiles: UInt64 = 0
    /// Files that changed.
    public var changedFiles: UInt64 = 0
    /// Files that could not be read.
    public var errors: UInt64 = 0
    /// All zero.
    public init() {}
  }

  /// The name of a user or group number.
  public struct Owner: Hashable, Sendable {
    /// User or group.
    public var isGroup: Bool
    /// uid or gid.
    public var number: UInt32
    /// The name.
    public var name: String
    /// Takes the facts.
    public init(isGroup: Bool, number: UInt32, name: String) {
      self.isGroup = isGroup
      self.number = number
      self.name = name
    }
  }

  /// One element of the `seen` vector.
  public struct Seen: Hashable, Sendable {
    /// Writer id, 16 bytes.
    public var writer: [UInt8]
    /// Its sequence.
    public var sequence: UInt64
    /// Takes both.
    public init(writer: [UInt8], sequence: UInt64) {
      self.writer = writer
      self.sequence = sequence
    }
  }

  /// What could not be captured.
  public struct Fidelity: Hashable, Sendable {
    /// What.
    public var what: String
    /// How often.
    public var count: UInt64
    /// An example.
    public var example: [UInt8]
    /// Takes the facts.
    public init(what: String, count: UInt64, example: [UInt8]) {
      self.what = what
      self.count = count
      self.example = example
    }
  }
}
