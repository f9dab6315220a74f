// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What can be seen of a tree, also what rsync does not see: inode flags, holes, nanoseconds, and
/// paths of any length (everything goes through descriptors of folders).
struct TreeLook {
  /// What can be seen of one entry.
  struct Entry: Equatable {
    var mode: UInt32
    var uid: UInt32
    var gid: UInt32
    var size: Int
    var mtime: [Int]
    var device: UInt
    /// The first path of the same inode.
    var firstLink: [UInt8]
    /// Inode flags that a backup keeps.
    var flags: UInt32
    /// Where data begins and ends.
    var data: [Int]
    /// Content of a short file; the target of a link.
    var content: [UInt8]
  }

  /// By the path below the top; the top itself has the empty path.
  private(set) var entries: [[UInt8]: Entry] = [:]
  private var inodes: [UInt: [UInt8]] = [:]

  /// secrm … noatime, dirsync, topdir, nocow, projinherit, casefold: those of FORMAT.md, 9.
  private static let keptFlags: UInt32 = 0x2083_80FF

  /// Looks at a tree.
  init(_ top: String) throws {
    let folder = unsafe open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw ScenarioFailure(description: "cannot open \(top)") }
    defer { close(folder) }
    var status = stat()
    unsafe fstat(folder, &status)
    entries[[]] = Entry(status, flags: TreeLook.flags(folder) & TreeLook.keptFlags)
    try list(folder, [])
  }

  /// What differs, a line each. Chunks of zeros are stored as holes (FORMAT.md, 6.4), so a file
  /// called `zeros` may have fewer data in `other`.
  func differences(to other: TreeLook) -> [String] {
    var lines: [String] = []
    for path in Set(entries.keys).union(other.entries.keys).sorted(by: { $0.count < $1.count }) {
      let name = String(decoding: path.suffix(200), as: UTF8.self)
      switch (entries[path], other.entries[path]) {
      case (let here?, nil):
        // Sockets are counted, not stored.
        if here.mode & S_IFMT != S_IFSOCK { lines.append("missing: \(name)") }
      case (nil, _?): lines.append("too much: \(name)")
      case (var here?, let there?):
        if path.suffix(5) == Array("zeros".utf8), there.data.isEmpty { here.data = [] }
        if here == there { continue }
        lines.append("\(name): \(here.short) is now \(there.short)")
      case (nil, nil): break
      }
    }
    return lines
  }

  private mutating func list(_ folder: Int32, _ path: [UInt8]) throws {
    for name in try TreeLook.names(folder).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      try look(name, in: folder, path.isEmpty ? name : path + [UInt8(ascii: "/")] + name)
    }
  }

  private mutating func look(_ name: [UInt8], in folder: Int32, _ path: [UInt8]) throws {
    let text = name.map { CChar(bitPattern: $0) } + [0]
    var status = stat()
    guard unsafe fstatat(folder, text, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw ScenarioFailure(description: "cannot look at \(name): errno \(errno)")
    }
    var entry = Entry(status, flags: 0)
    let kind = status.st_mode & S_IFMT
    if kind != S_IFDIR, status.st_nlink > 1 {
      entry.firstLink = inodes[status.st_ino] ?? path
      inodes[status.st_ino] = entry.firstLink
    }
    if kind == S_IFLNK { entry.content = TreeLook.target(text, in: folder) }
    guard kind == S_IFREG || kind == S_IFDIR else {
      entries[path] = entry
      return
    }
    let file = unsafe openat(folder, text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else {
      throw ScenarioFailure(description: "cannot open \(name): errno \(errno)")
    }
    defer { close(file) }
    entry.flags = TreeLook.flags(file) & TreeLook.keptFlags
    if kind == S_IFREG {
      entry.data = TreeLook.dataMap(file, status.st_size)
      if status.st_size <= 1 << 16 { entry.content = TreeLook.content(file) }
    }
    entries[path] = entry
    if kind == S_IFDIR { try list(file, path) }
  }

  private static func names(_ folder: Int32) throws -> [[UInt8]] {
    let own = unsafe openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard own >= 0, let stream = unsafe fdopendir(own) else {
      throw ScenarioFailure(description: "cannot list a folder: errno \(errno)")
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe Array(bytes.prefix { $0 != 0 })
      }
      if name != [46], name != [46, 46] { names.append(name) }
    }
    return names
  }

  private static func target(_ name: [CChar], in folder: Int32) -> [UInt8] {
    var bytes = [CChar](repeating: 0, count: 4097)
    let count = unsafe readlinkat(folder, name, &bytes, bytes.count)
    return bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
  }

  private static func flags(_ file: Int32) -> UInt32 {
    var flags: UInt32 = 0
    let request: UInt = 0x8008_6601  // FS_IOC_GETFLAGS
    let done = unsafe withUnsafeMutablePointer(to: &flags) {
      unsafe ioctl(file, request, UnsafeMutableRawPointer($0))
    }
    return done == 0 ? flags : 0
  }

  private static func dataMap(_ file: Int32, _ size: Int) -> [Int] {
    let (nextData, nextHole): (Int32, Int32) = (3, 4)  // SEEK_DATA, SEEK_HOLE
    var map: [Int] = []
    var position: Int = 0
    while position < size {
      let start = lseek(file, position, nextData)
      guard start >= 0 else { break }
      let end = lseek(file, start, nextHole)
      map += [start, end]
      position = end
    }
    lseek(file, 0, SEEK_SET)
    return map
  }

  private static func content(_ file: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let done = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    return Array(bytes.prefix(max(0, done)))
  }
}

extension TreeLook.Entry {
  init(_ status: stat, flags: UInt32) {
    let kind = status.st_mode & S_IFMT
    self.init(
      mode: status.st_mode, uid: status.st_uid, gid: status.st_gid,
      size: kind == S_IFDIR ? 0 : Int(status.st_size),
      mtime: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec],
      device: kind == S_IFCHR || kind == S_IFBLK ? UInt(status.st_rdev) : 0, firstLink: [],
      flags: flags, data: [], content: [])
  }

  /// Whether it counts as a file in a report.
  var isFile: Bool { mode & S_IFMT == S_IFREG }

  /// For a failing test.
  var short: String {
    var copy = self
    copy.content = Array(content.prefix(20))
    return "\(copy)"
  }
}
