// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SnapFormat

/// A file or directory to back up.
public struct Root: Hashable, Sendable {
  /// As it was typed.
  public let requested: String
  /// The real path, as stored: no leading '/', empty for "/".
  public let path: [UInt8]
  /// Whether it is a directory, which is walked.
  public let isDirectory: Bool

  /// Follows links to what is really meant; relative paths begin at the current directory.
  init(_ requested: String) throws(FileError) {
    self.requested = requested
    let typed = Array(requested.utf8)
    // C would see less than was typed.
    if typed.contains(0) { throw FileError(path: typed, errno: EINVAL, doing: "open") }
    guard let real = unsafe realpath(requested, nil) else {
      throw FileError(path: typed, errno: Glibc.errno, doing: "open")
    }
    defer { unsafe free(real) }
    let bytes = unsafe UnsafeBufferPointer(start: real, count: strlen(real))
    path = unsafe bytes.dropFirst().map { UInt8(bitPattern: $0) }
    if path.count > TreePath.byteCountMax {
      throw FileError(path: typed, errno: ENAMETOOLONG, doing: "open")
    }
    var status = snap_file_status()
    let result = unsafe snap_file_look_path(real, &status)
    if result < 0 { throw FileError(path: typed, errno: -result, doing: "look at") }
    isDirectory = FileStatus(status).kind == .directory
  }
}
