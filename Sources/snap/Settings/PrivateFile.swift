// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// Small files that belong to one user: mode 0600, complete or not there at all.
enum PrivateFile {
  /// No file read here is larger.
  static let limit = 1 << 20

  /// Makes a directory with mode 0700, and those above it that are missing.
  static func makeDirectory(_ path: String) throws(Failure) {
    var missing: [String] = []
    var next = path
    while next != "/", unsafe access(next, F_OK) != 0 {
      missing.append(next)
      next = PathText.parent(next)
    }
    for directory in missing.reversed() {
      if unsafe mkdir(directory, 0o700) != 0, errno != EEXIST {
        throw .writing(directory, errno)
      }
    }
    var facts = stat()
    guard unsafe stat(path, &facts) == 0 else { throw .writing(path, errno) }
    guard facts.st_mode & S_IFMT == S_IFDIR else { throw .writing(path, ENOTDIR) }
  }

  /// Reads a whole file; nil if it is not there. `secret` refuses one that others can read.
  static func read(_ path: String, secret: Bool = false) throws(Failure) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .reading(path, errno)
    }
    defer { close(descriptor) }
    if secret { try refuseOpenFile(descriptor, path) }
    return try readAll(descriptor, path, limit: limit)
  }

  /// Reads a descriptor to its end. `name` is for the failure.
  static func readAll(
    _ descriptor: Int32, _ name: String, limit: Int
  ) throws(Failure) -> [UInt8] {
    var bytes = [UInt8]()
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe Glibc.read(descriptor, &room, room.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
          unsafe poll(&wait, 1, -1)
          continue
        }
        throw .reading(name, errno)
      }
      bytes += room.prefix(count)
      guard bytes.count <= limit else { throw .reading(name, EFBIG) }
    }
  }

  /// Replaces a file whole: temporary file beside it, synced, renamed, directory synced.
  ///
  /// A symbolic link is followed, so that a configuration kept elsewhere stays where it is.
  static func replace(_ path: String, with bytes: [UInt8]) throws(Failure) {
    let target = resolved(path)
    let temporary = target + ".\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
    try create(temporary, with: bytes)
    if unsafe rename(temporary, target) != 0 {
      let code = errno
      unsafe unlink(temporary)
      throw .writing(target, code)
    }
    try syncDirectory(PathText.parent(target))
  }

  /// Makes a new file; false if something of that name is there already, which stays untouched.
  static func createNew(_ path: String, with bytes: [UInt8]) throws(Failure) -> Bool {
    let temporary = path + ".\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
    try create(temporary, with: bytes)
    defer { unsafe unlink(temporary) }
    // A link appears complete or not at all, and never replaces anything.
    if unsafe link(temporary, path) != 0 {
      if errno == EEXIST { return false }
      guard errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS else {
        throw .writing(path, errno)
      }
      // No links on this file system (FAT): the plain way.
      if unsafe access(path, F_OK) == 0 { return false }
      try create(path, with: bytes)
    }
    try syncDirectory(PathText.parent(path))
    return true
  }

  private static func create(_ path: String, with bytes: [UInt8]) throws(Failure) {
    let descriptor = unsafe open(
      path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .writing(path, errno) }
    var code = LiveEnvironment.writeAll(descriptor, bytes)
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code != 0 {
      unsafe unlink(path)
      throw .writing(path, code)
    }
  }

  private static func syncDirectory(_ path: String) throws(Failure) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .writing(path, errno) }
    defer { close(descriptor) }
    // Some network file systems cannot sync a directory; the rename itself is done.
    if fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { throw .writing(path, errno) }
  }

  private static func refuseOpenFile(_ descriptor: Int32, _ path: String) throws(Failure) {
    var facts = stat()
    guard unsafe fstat(descriptor, &facts) == 0 else { throw .reading(path, errno) }
    try refuseShared(path, mode: facts.st_mode, owner: facts.st_uid)
  }

  /// Refuses a place of secrets that group or others can read, or that belongs to somebody else.
  static func refuseShared(_ path: String, mode: UInt32, owner: UInt32) throws(Failure) {
    guard mode & 0o077 == 0 else { throw .openToOthers(path) }
    guard owner == geteuid() || geteuid() == 0 else { throw .ofSomebodyElse(path) }
  }

  /// Where a chain of symbolic links ends, even if nothing is there yet.
  private static func resolved(_ path: String) -> String {
    if let whole = unsafe realpath(path, nil) {
      defer { unsafe free(whole) }
      return unsafe String(cString: whole)
    }
    return path
  }
}
