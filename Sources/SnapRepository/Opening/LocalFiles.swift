// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Small files of this computer's own state: read whole, written whole.
public enum LocalFiles {
  /// Makes a folder and its parents with mode 0700.
  public static func makeDirectory(_ path: String) throws(RepositoryError) {
    var built = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      built += "/" + part
      if unsafe mkdir(built, 0o700) != 0, errno != EEXIST { throw failure("make", built) }
    }
  }

  /// The content; nil when there is no such file.
  public static func read(_ path: String) throws(RepositoryError) -> [UInt8]? {
    let fd = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if fd < 0, errno == ENOENT { return nil }
    guard fd >= 0 else { throw failure("open", path) }
    defer { close(fd) }
    return try read(fd, path)
  }

  static func read(_ fd: Int32, _ path: String) throws(RepositoryError) -> [UInt8] {
    var out: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = unsafe Glibc.read(fd, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path) }
      if count == 0 { return out }
      out += chunk[..<count]
    }
  }

  /// Replaces the file at once (temporary file, sync, rename), mode 0600.
  public static func replace(_ path: String, with bytes: [UInt8]) throws(RepositoryError) {
    let temporary = path + ".tmp\(getpid())"
    unsafe unlink(temporary)
    let fd = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard fd >= 0 else { throw failure("create", temporary) }
    defer { close(fd) }
    do throws(RepositoryError) {
      try write(bytes, to: fd, temporary)
      guard fsync(fd) == 0 else { throw failure("sync", temporary) }
      guard unsafe rename(temporary, path) == 0 else { throw failure("rename", temporary) }
    } catch {
      unsafe unlink(temporary)
      throw error
    }
  }

  static func write(_ bytes: [UInt8], to fd: Int32, _ path: String) throws(RepositoryError) {
    var done = 0
    while done < bytes.count {
      let rest = Array(bytes[done...])
      let count = unsafe Glibc.write(fd, rest, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("write", path) }
      done += count
    }
  }

  /// The names in a folder; empty when it does not exist.
  static func names(in path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var out: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { out.append(name) }
    }
    return out.sorted()
  }

  static func remove(_ path: String) { unsafe unlink(path) }

  static func failure(_ doing: String, _ path: String) -> RepositoryError {
    let reason = unsafe String(cString: strerror(errno))
    return RepositoryError(.localState, "cannot \(doing) \(path): \(reason)")
  }

  /// A number that differs after every boot of this computer.
  static func bootID() -> [UInt8] {
    // /proc may be missing in a container; an empty id only costs reading unsynced packs once.
    ((try? read("/proc/sys/kernel/random/boot_id")) ?? nil) ?? []
  }
}

/// A file that one process at a time holds (`flock`); let go when it ends, however it ends.
public final class LockedFile: Sendable {
  let fd: Int32
  let path: String

  /// Opens or makes the file and takes its lock; nil when another process has it.
  ///
  /// - Throws: ``RepositoryError`` `.localState` when it cannot be opened or locked.
  public init?(_ path: String, wait: Bool) throws(RepositoryError) {
    let fd = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard fd >= 0 else { throw LocalFiles.failure("open", path) }
    self.fd = fd
    self.path = path
    while flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0 {
      if errno == EINTR { continue }
      if errno == EWOULDBLOCK { return nil }
      throw LocalFiles.failure("lock", path)
    }
  }

  deinit { close(fd) }

  func content() throws(RepositoryError) -> [UInt8] {
    lseek(fd, 0, SEEK_SET)
    return try LocalFiles.read(fd, path)
  }

  func replaceContent(_ bytes: [UInt8]) throws(RepositoryError) {
    lseek(fd, 0, SEEK_SET)
    try LocalFiles.write(bytes, to: fd, path)
    guard ftruncate(fd, off_t(bytes.count)) == 0, fsync(fd) == 0 else {
      throw LocalFiles.failure("sync", path)
    }
  }

  func append(_ bytes: [UInt8]) throws(RepositoryError) {
    lseek(fd, 0, SEEK_END)
    try LocalFiles.write(bytes, to: fd, path)
  }
}
