// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Names of users and groups on this computer. A look-up may ask a directory service: keep the
/// answers.
public enum OwnerNames {
  /// The name of a user; nil if there is none.
  public static func user(_ uid: UInt32) -> String? {
    unsafe lookUp { room, count in
      var record = unsafe passwd()
      var found: UnsafeMutablePointer<passwd>?
      let error = unsafe getpwuid_r(uid, &record, room, count, &found)
      return unsafe (error, found == nil ? nil : record.pw_name)
    }
  }

  /// The name of a group; nil if there is none.
  public static func group(_ gid: UInt32) -> String? {
    unsafe lookUp { room, count in
      var record = unsafe Glibc.group()
      var found: UnsafeMutablePointer<Glibc.group>?
      let error = unsafe getgrgid_r(gid, &record, room, count, &found)
      return unsafe (error, found == nil ? nil : record.gr_name)
    }
  }

  /// A group with very many members needs much room.
  private static func lookUp(
    _ call: (UnsafeMutablePointer<CChar>, Int) -> (Int32, UnsafeMutablePointer<CChar>?)
  ) -> String? {
    for size in [1024, 64 * 1024, 4 << 20] {
      var room = [CChar](repeating: 0, count: size)
      let (error, name) = unsafe room.withUnsafeMutableBufferPointer { room -> (Int32, String?) in
        guard let start = room.baseAddress else { return (ENOENT, nil) }
        let (error, name) = unsafe call(start, room.count)
        return unsafe (error, name.map { unsafe String(cString: $0) })
      }
      if error != ERANGE { return name }
    }
    return nil
  }
}
