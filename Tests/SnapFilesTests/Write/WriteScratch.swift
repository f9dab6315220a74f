// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

// Not importable from Glibc, which hides them behind _GNU_SOURCE or in headers of their own.
@_silgen_name("lgetxattr")
private func lgetxattr(
  _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeMutableRawPointer?,
  _ size: Int
) -> Int
@_silgen_name("lsetxattr")
private func lsetxattr(
  _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeRawPointer?,
  _ size: Int, _ flags: Int32
) -> Int32
@_silgen_name("setfsuid")
private func setfsuid(_ uid: UInt32) -> Int32

/// A temporary directory with a target in it, and plain ways to look at what is there.
final class WriteScratch: Sendable {
  let root: String
  var target: String { root + "/target" }

  init() throws {
    var template = Array("/tmp/snap-write-XXXXXX".utf8CString)
    let made = unsafe mkdtemp(&template)
    try #require(unsafe made != nil)
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.shell("chmod -R u+rwx '\(root)' 2>/dev/null; rm -rf '\(root)'") }

  func open(plainCalls: Bool = false) throws -> TargetTree {
    try TargetTree(path: Array(target.utf8), plainCalls: plainCalls)
  }

  /// Runs a command line and waits.
  @discardableResult
  static func shell(_ line: String) -> Int32 {
    unsafe system(line)
  }

  /// Runs `body` with the rights of user 65534 on files, if this is root. Only this thread changes.
  static func asNobody(_ body: () throws -> Void) rethrows {
    let before = setfsuid(65534)
    defer { _ = setfsuid(UInt32(bitPattern: before)) }
    try body()
  }

  func status(_ path: String) throws -> stat {
    var status = stat()
    try #require(unsafe lstat(target + "/" + path, &status) == 0, "\(path)")
    return status
  }

  func mode(_ path: String) throws -> UInt32 { try status(path).st_mode & 0o7777 }

  func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  func time(_ path: String) throws -> FileTime {
    let time = try status(path).st_mtim
    return FileTime(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }

  func bytes(_ path: String) throws -> [UInt8] {
    let file = unsafe Glibc.open(target + "/" + path, O_RDONLY)
    try #require(file >= 0, "\(path)")
    defer { close(file) }
    var out = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let got = unsafe Glibc.read(file, &buffer, buffer.count)
      if got <= 0 { return out }
      out += buffer.prefix(got)
    }
  }

  func xattr(_ path: String, _ name: String) -> [UInt8]? {
    var value = [UInt8](repeating: 0, count: 4096)
    let got = unsafe lgetxattr(target + "/" + path, name, &value, value.count)
    return got < 0 ? nil : Array(value.prefix(got))
  }

  func setXattr(_ path: String, _ name: String, _ value: [UInt8]) -> Bool {
    unsafe lsetxattr(target + "/" + path, name, value, value.count, 0) == 0
  }

  func flags(_ path: String) throws -> UInt32? {
    let file = unsafe Glibc.open(target + "/" + path, O_RDONLY | O_NOFOLLOW)
    try #require(file >= 0, "\(path)")
    defer { close(file) }
    var flags = 0
    return unsafe ioctl(file, 0x8008_6601, &flags) == 0 ? UInt32(truncatingIfNeeded: flags) : nil
  }

  /// Says on standard error what could not be tested here.
  static func note(_ text: String) {
    let line = Array("not tested here: \(text)\n".utf8)
    _ = unsafe Glibc.write(2, line, line.count)
  }

  /// An entry that belongs to this user.
  static func entry(_ mode: UInt32, seconds: Int64 = 1_600_000_000) -> Entry {
    var entry = Entry(path: Array("any".utf8), mode: mode)
    entry.uid = geteuid()
    entry.gid = getegid()
    entry.mtime = FileTime(seconds: seconds, nanoseconds: 123_456_789)
    return entry
  }

  /// A list that lets `user` do `permissions` too, with what the group may do and the mask.
  static func acl(user: UInt32, _ permissions: UInt8, group: UInt8, mask: UInt8) -> [UInt8] {
    func item(_ tag: UInt8, _ permissions: UInt8, _ id: UInt32 = .max) -> [UInt8] {
      [tag, 0, permissions, 0] + (0..<4).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) }
    }
    return [2, 0, 0, 0] + item(0x01, 6) + item(0x02, permissions, user) + item(0x04, group)
      + item(0x10, mask) + item(0x20, 0)
  }
}

extension TargetTree {
  /// Makes a whole file in one go.
  @discardableResult
  func put(
    _ path: String, _ bytes: String, _ entry: Entry, xattrs: [RestoredXattr] = [],
    options: MetadataOptions = MetadataOptions()
  ) throws -> [MetadataLoss] {
    let file = try createFile(Array(path.utf8), size: UInt64(bytes.utf8.count), flags: entry.flags)
    try unsafe Array(bytes.utf8).withUnsafeBytes { try unsafe file.write($0, at: 0) }
    return try file.finish(entry, xattrs: xattrs, options: options)
  }
}

/// The errno of the `FileError` that `body` throws; nil if it throws none.
func errorNumber(_ body: () throws -> Void) -> Int32? {
  do {
    try body()
    return nil
  } catch {
    return (error as? FileError)?.errno ?? -1
  }
}
