// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A system call of a test helper that failed.
public struct FileFailure: Error, CustomStringConvertible {
  /// What was tried, and the value of errno.
  public let description: String

  init(_ what: String) {
    description = "\(what): errno \(errno)"
  }
}

/// Makes and looks at files in tests, without Foundation.
public enum FileMaker {
  /// Writes a file, over what was there.
  public static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard file >= 0 else { throw FileFailure("cannot open \(path)") }
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let done = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      guard done > 0 else { throw FileFailure("cannot write \(path)") }
      rest = rest.dropFirst(done)
    }
  }

  /// Writes a text file, over what was there.
  public static func write(_ text: String, to path: String, mode: UInt32 = 0o600) throws {
    try write(Array(text.utf8), to: path, mode: mode)
  }

  /// All bytes of a file.
  public static func read(_ path: String) throws -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileFailure("cannot open \(path)") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let done = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(file, $0.baseAddress, $0.count)
      }
      guard done >= 0 else { throw FileFailure("cannot read \(path)") }
      if done == 0 { return bytes }
      bytes += buffer[..<done]
    }
  }

  /// Makes a directory and those above it that are missing.
  public static func makeDirectory(_ path: String, mode: UInt32 = 0o700) throws {
    if unsafe mkdir(path, mode) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      throw FileFailure("cannot make the directory \(path)")
    }
    try makeDirectory(String(path[..<slash]), mode: 0o700)
    guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else {
      throw FileFailure("cannot make the directory \(path)")
    }
  }

  /// Cuts a file or makes it longer by a hole.
  public static func setLength(_ length: Int, of path: String) throws {
    guard unsafe truncate(path, length) == 0 else { throw FileFailure("cannot resize \(path)") }
  }

  /// Makes a symbolic link at `path`.
  public static func makeLink(_ path: String, to target: String) throws {
    guard unsafe symlink(target, path) == 0 else { throw FileFailure("cannot link \(path)") }
  }

  /// Removes a file, a link or an empty directory.
  public static func remove(_ path: String) throws {
    guard unsafe Glibc.remove(path) == 0 else { throw FileFailure("cannot remove \(path)") }
  }

  /// The names in a directory but `.` and `..`, sorted.
  public static func names(in path: String) throws -> [String] {
    guard let stream = unsafe opendir(path) else { throw FileFailure("cannot open \(path)") }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether anything, a dangling link too, has that path.
  public static func exists(_ path: String) -> Bool {
    mode(of: path) != nil
  }

  /// Type and permission bits of what is at `path`, links not followed; nil if nothing.
  public static func mode(of path: String) -> UInt32? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status.st_mode : nil
  }

  /// Length in bytes and room taken on the disk in bytes; nil if nothing is there.
  public static func size(of path: String) -> (length: Int, allocated: Int)? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return (Int(status.st_size), Int(status.st_blocks) * 512)
  }
}
