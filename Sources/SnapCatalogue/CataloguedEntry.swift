// SPDX-License-Identifier: Apache-2.0

public import SnapFormat

/// What a path looked like at the last backup.
public struct CataloguedEntry: Hashable, Sendable {
  /// The entry as stored, but with the chunk ids of its content in full (level 0, never lists).
  public var entry: Entry
  /// Device and inode; nil where the row came from a snapshot, not from this computer.
  public var identity: FileIdentity?
  /// `st_nlink`; 0 if unknown.
  public var links: UInt32

  /// Takes all three.
  public init(entry: Entry, identity: FileIdentity?, links: UInt32) {
    self.entry = entry
    self.identity = identity
    self.links = links
  }
}
