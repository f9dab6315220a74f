// SPDX-License-Identifier: Apache-2.0

/// POSIX access control lists, as Linux keeps them in extended attributes: a little-endian version
/// (2), then for each entry tag, permissions (16 bits each) and number (32 bits).
enum PosixACL {
  static let accessName = Array("system.posix_acl_access".utf8)
  static let defaultName = Array("system.posix_acl_default".utf8)

  /// What the owning group may do where the list cannot be set: with a list, the group bits of the
  /// mode are its mask, which may permit more than the group's own entry. nil for a bad list.
  static func groupBits(_ value: [UInt8]) -> UInt32? {
    guard value.count >= 4, (value.count - 4) % 8 == 0, value[0] == 2 else { return nil }
    var group: UInt32?
    var mask: UInt32 = 7
    for start in stride(from: 4, to: value.count, by: 8) {
      let tag = UInt32(value[start]) | UInt32(value[start + 1]) << 8
      let permissions = UInt32(value[start + 2]) & 7
      if tag == 0x04 { group = permissions }
      if tag == 0x10 { mask = permissions }
    }
    return group.map { $0 & mask }
  }
}
