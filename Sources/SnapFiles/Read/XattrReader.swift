// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SnapFormat

/// Reads extended attributes of an open node, or of a name in an open directory.
struct XattrReader {
  let found: FoundEntry
  /// Open for reading; nil reads by name, which needs /proc.
  let descriptor: Int32?
  private(set) var problems: [FileError] = []

  /// The kernel's limit for the list of names, and for a value.
  private static let byteCountMax = 65_536
  private static let firstTry = 1024

  init(_ found: FoundEntry, descriptor: Int32?) {
    self.found = found
    self.descriptor = descriptor
  }

  /// All attributes that may be read, by name.
  mutating func read() -> [ExtendedAttribute] {
    let (list, error) = unsafe Self.grow { room, count in
      if let descriptor { return unsafe snap_file_list_xattrs(descriptor, nil, room, count) }
      return unsafe found.withLeaf { leaf in
        unsafe snap_file_list_xattrs(found.directory.descriptor, leaf, room, count)
      }
    }
    guard let list else {
      if error != ENOTSUP {
        problems.append(found.failure(-error, "list the extended attributes of"))
      }
      return []
    }
    if list.isEmpty { return [] }
    var out: [ExtendedAttribute] = []
    for name in list.split(separator: 0) {
      if let value = readValue(name) {
        out.append(ExtendedAttribute(name: Array(name), value: value))
      }
    }
    if out.count < 2 { return out }
    out.sort { $0.name.lexicographicallyPrecedes($1.name) }
    // A tree may hold a name once only.
    var previous: [UInt8]?
    out.removeAll { attribute in
      defer { previous = attribute.name }
      return attribute.name == previous
    }
    return out
  }

  private mutating func readValue(_ name: ArraySlice<UInt8>) -> [UInt8]? {
    let (value, error) = unsafe CName.with(name) { name in
      unsafe Self.grow { room, count in
        if let descriptor {
          return unsafe snap_file_get_xattr(descriptor, nil, name, room, count)
        }
        return unsafe found.withLeaf { leaf in
          unsafe snap_file_get_xattr(found.directory.descriptor, leaf, name, room, count)
        }
      }
    }
    // It may be gone since it was listed.
    if value == nil, error != ENODATA, error != ENOTSUP {
      let text = String(decoding: name, as: UTF8.self)
      problems.append(found.failure(-error, "read the extended attribute \(text) of"))
    }
    return value
  }

  /// Calls with a small buffer, and with the largest one where that does not do.
  private static func grow(
    _ call: (UnsafeMutableRawPointer, Int) -> Int64
  ) -> (bytes: [UInt8]?, errno: Int32) {
    var error: Int32 = 0
    for size in [firstTry, byteCountMax] {
      let bytes: [UInt8]? = unsafe withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) {
        room in
        guard let start = room.baseAddress else { return nil }
        let got = unsafe call(start, room.count)
        if got < 0 {
          error = Int32(truncatingIfNeeded: -got)
          return nil
        }
        return unsafe Array(room.prefix(Int(got)))
      }
      if let bytes { return (bytes, 0) }
      if error != ERANGE { break }
    }
    return (nil, error)
  }
}
