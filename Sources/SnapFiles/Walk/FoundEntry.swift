// SPDX-License-Identifier: Apache-2.0
import CLinux

/// A node that the walk came by.
public struct FoundEntry: Sendable {
  /// The stored path: raw bytes, no leading '/'.
  public let path: [UInt8]
  /// What it looked like.
  public let status: FileStatus
  /// The directory that holds it, open.
  public let directory: DirectoryHandle
  /// A directory above a root: its own metadata is kept, but it was not walked.
  public let isAncestor: Bool
  private let nameStart: Int

  /// The last component of the path: raw bytes.
  public var name: [UInt8] { Array(path[nameStart...]) }

  init(
    path: [UInt8], nameStart: Int, status: FileStatus, directory: DirectoryHandle,
    isAncestor: Bool
  ) {
    self.path = path
    self.nameStart = nameStart
    self.status = status
    self.directory = directory
    self.isAncestor = isAncestor
  }

  /// The same name as it looks now: for a file that was replaced while the walk went on.
  public func lookedAtAgain() throws(FileError) -> FoundEntry {
    var raw = snap_file_status()
    let result = directory.look(path[nameStart...], &raw)
    if result < 0 { throw failure(result, "look at") }
    return FoundEntry(
      path: path, nameStart: nameStart, status: FileStatus(raw), directory: directory,
      isAncestor: isAncestor)
  }

  /// Calls `body` with the name as C wants it.
  func withLeaf<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    unsafe CName.with(path[nameStart...], body)
  }

  /// The error for a negative result of a call.
  func failure(_ result: some SignedInteger, _ doing: String) -> FileError {
    FileError(path: path, errno: Int32(truncatingIfNeeded: -result), doing: doing)
  }
}
