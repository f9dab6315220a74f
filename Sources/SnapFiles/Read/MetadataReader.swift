// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
public import SnapFormat

/// Reads everything of an entry but the content of a file and the mark of a hard link.
public enum MetadataReader {
  /// Reads a node by its name. Files and directories are opened for it where that is permitted, to
  /// read their inode flags; nothing else is.
  ///
  /// `problems`: what could not be read besides. Throws if the node itself is not there any more.
  public static func entry(
    for found: FoundEntry
  ) throws(FileError) -> (entry: Entry, problems: [FileError]) {
    switch found.status.kind {
    case .directory: return try directory(found)
    case .file:
      let reader: FileReader
      do {
        reader = try FileReader(found)
      } catch {
        if error.errno == EACCES || error.errno == EPERM { return rest(found, descriptor: nil) }
        throw error
      }
      return entry(for: found, reader: reader)
    case .symlink:
      let target = try target(of: found)
      var result = rest(found, descriptor: nil)
      result.entry.target = target
      return result
    default: return rest(found, descriptor: nil)
    }
  }

  /// Reads a file that is open already; what it looked like when it was opened counts.
  public static func entry(
    for found: FoundEntry, reader: borrowing FileReader
  ) -> (entry: Entry, problems: [FileError]) {
    var result = rest(found, status: reader.status, descriptor: reader.descriptor)
    result.entry.flags = flags(reader.descriptor)
    return result
  }

  private static func directory(
    _ found: FoundEntry
  ) throws(FileError) -> (entry: Entry, problems: [FileError]) {
    let name = found.name
    let handle: DirectoryHandle
    switch found.directory.open(name, isBare: false) {
    case .opened(let opened): handle = opened
    case .failed(let error):
      if error == EACCES || error == EPERM { return rest(found, descriptor: nil) }
      throw found.failure(-(error == ENOTDIR || error == ELOOP ? ESTALE : error), "open")
    }
    var raw = snap_file_status()
    let result = handle.look(&raw)
    if result < 0 { throw found.failure(result, "look at") }
    // An automount that opening has triggered is not what was found.
    if FileStatus(raw).identity != found.status.identity { return rest(found, descriptor: nil) }
    var out = rest(found, descriptor: handle.descriptor)
    out.entry.flags = flags(handle.descriptor)
    return out
  }

  private static func rest(
    _ found: FoundEntry, status: FileStatus? = nil, descriptor: Int32?
  ) -> (entry: Entry, problems: [FileError]) {
    let status = status ?? found.status
    var entry = Entry(path: found.path, mode: status.mode)
    entry.mtime = status.mtime
    entry.ctime = status.ctime
    entry.uid = status.uid
    entry.gid = status.gid
    entry.birth = status.birth
    switch status.kind {
    case .file: entry.size = status.size
    case .characterDevice, .blockDevice:
      entry.rdevMajor = status.rdevMajor
      entry.rdevMinor = status.rdevMinor
    default: break
    }
    var xattrs = XattrReader(found, descriptor: descriptor)
    entry.xattrs = xattrs.read()
    return (entry, xattrs.problems)
  }

  /// Most file systems without flags answer with an error, which means none.
  private static func flags(_ descriptor: Int32) -> UInt32 {
    var flags: UInt32 = 0
    guard unsafe snap_file_get_flags(descriptor, &flags) >= 0 else { return 0 }
    return flags & Entry.flagsMask
  }

  private static let targetByteCountMax = 1 << 20

  private static func target(of found: FoundEntry) throws(FileError) -> [UInt8] {
    var count = max(Int(clamping: found.status.size) &+ 1, 256)
    while true {
      count = min(count, targetByteCountMax)
      var bytes = [UInt8](repeating: 0, count: count)
      let got = unsafe bytes.withUnsafeMutableBytes { room in
        guard let start = room.baseAddress else { return Int64(0) }
        return unsafe found.withLeaf { leaf in
          unsafe snap_file_read_link(found.directory.descriptor, leaf, start, room.count)
        }
      }
      if got == -Int64(EINVAL) { throw found.failure(-ESTALE, "read") }
      if got < 0 { throw found.failure(got, "read") }
      // A full buffer may hold only the begin.
      if Int(got) < count || count == targetByteCountMax {
        bytes.removeLast(count - Int(got))
        return bytes
      }
      count *= 2
    }
  }
}
