// SPDX-License-Identifier: Apache-2.0

public import SnapFiles
public import SnapFormat

/// What to back up, and how.
public struct BackupOptions: Sendable {
  /// Files and folders, as the person wrote them.
  public var roots: [String]
  /// What is left out.
  public var walk: WalkOptions
  /// The patterns as text, for the snapshot.
  public var excludeTexts: [String] = []
  /// Labels.
  public var tags: [String] = []
  /// Free text.
  public var note = ""
  /// The computer's name.
  public var host: String
  /// The user's name.
  public var user: String
  /// Version of the program.
  public var program: String
  /// Minutes east of UTC.
  public var zoneMinutes: Int64 = 0
  /// Bytes for buffers and tables.
  public var memory = 256 << 20
  /// Read every file, whatever the catalogue says.
  public var rescan = false
  /// Count files and bytes beforehand, for somebody who watches.
  public var countFirst = false
  /// Scan kernel to force; nil takes the best.
  public var kernel: ScanKernel?

  /// A backup of `roots`.
  public init(roots: [String], walk: WalkOptions, host: String, user: String, program: String) {
    self.roots = roots
    self.walk = walk
    self.host = host
    self.user = user
    self.program = program
  }
}

/// What a backup did.
public struct BackupReport: Sendable {
  /// The snapshot's id; nil until it is committed.
  public var id: ObjectID?
  /// Its message.
  public var snapshot: Snapshot
  /// Counts of what was left out.
  public var left: WalkCounts
  /// Entries that could not be read, at most 1,000 kept.
  public var problems: [FileError]
  /// How many there were.
  public var problemCount: Int
  /// Files that kept changing while they were read.
  public var changing: [[UInt8]]
  /// Unchanged files.
  public var unchangedFiles: UInt64
  /// Entries of the snapshot before that are gone.
  public var removed: UInt64
  /// Lengths of all objects written, in bytes.
  public var bytesWritten: UInt64
  /// Roots: as typed, and as stored.
  public var roots: [(requested: String, stored: [UInt8])]
  /// Whether an interrupted run was taken up again.
  public var isResumed: Bool
}
