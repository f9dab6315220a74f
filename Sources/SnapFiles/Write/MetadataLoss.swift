// SPDX-License-Identifier: Apache-2.0

/// Metadata that could not be set because this user, or this file system, does not permit it.
///
/// Counted and reported; the file itself is restored.
public enum MetadataLoss: Hashable, Sendable {
  /// The owner or the group.
  case owner
  /// Permission bits: the file system keeps none.
  case mode
  /// The time of last change.
  case time
  /// An access control list.
  case acl
  /// An attribute of the `security.` or `trusted.` namespace.
  case securityXattr
  /// Another extended attribute, by its name.
  case xattr([UInt8])
  /// Inode flags.
  case flags
}
