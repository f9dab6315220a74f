// SPDX-License-Identifier: Apache-2.0

/// Which metadata a restore sets beside mode, time and inode flags, which it always sets.
public struct MetadataOptions: Hashable, Sendable {
  /// Whom restored files belong to.
  public enum Owners: Sendable {
    /// To the numbers of the entry; whoever maps names changes these before.
    case ids
    /// To the user who restores.
    case none
  }

  /// Whom restored files belong to.
  public var owners: Owners
  /// Extended attributes and access control lists are set.
  public var xattrs: Bool

  /// Sets everything by default.
  public init(owners: Owners = .ids, xattrs: Bool = true) {
    self.owners = owners
    self.xattrs = xattrs
  }
}
