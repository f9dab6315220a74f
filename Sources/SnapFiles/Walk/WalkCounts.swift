// SPDX-License-Identifier: Apache-2.0

/// What a walk left out; a directory counts once, whatever it holds.
public struct WalkCounts: Hashable, Sendable {
  /// Sockets, which have no content to keep.
  public var sockets: UInt64 = 0
  /// Directories marked by CACHEDIR.TAG; they and the tag were kept.
  public var cacheDirectories: UInt64 = 0
  /// The program's own cache and state directories.
  public var ownDirectories: UInt64 = 0
  /// Files and directories that a pattern names.
  public var excluded: UInt64 = 0
  /// Directories on which another file system is mounted; they themselves were kept.
  public var otherFileSystems: UInt64 = 0
  /// Directories of the repository itself.
  public var repository: UInt64 = 0

  /// Nothing left out.
  public init() {}
}
