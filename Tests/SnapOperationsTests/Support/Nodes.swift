// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting

/// All below a folder as a restore must bring it back.
enum Nodes {
  /// One node. Times of links and folders count, those of nothing are left out.
  struct Node: Equatable, CustomStringConvertible {
    var mode: UInt32
    var mtime: [Int]
    var content: [UInt8]
    var links: UInt

    var description: String {
      "mode \(String(mode, radix: 8)), time \(mtime), \(content.count) bytes, \(links) links"
    }
  }

  /// Nodes by path below `folder`; the folder itself is "".
  static func read(_ folder: String) throws -> [String: Node] {
    var out: [String: Node] = [:]
    try add(folder, "", &out)
    return out
  }

  private static func add(
    _ path: String, _ name: String, _ out: inout [String: Node]
  ) throws {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { throw MissingValue() }
    var node = Node(
      mode: status.st_mode, mtime: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec], content: [],
      links: 0)
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      node.content = try FileMaker.read(path)
      node.links = UInt(status.st_nlink)
    case S_IFLNK: node.content = link(path)
    case S_IFDIR:
      for child in try FileMaker.names(in: path) {
        try add("\(path)/\(child)", name.isEmpty ? child : "\(name)/\(child)", &out)
      }
    default: break
    }
    out[name] = node
  }

  /// The target of a symbolic link.
  static func link(_ path: String) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe buffer.withUnsafeMutableBytes { raw in
      guard let start = raw.baseAddress else { return -1 }
      return unsafe readlink(path, start.assumingMemoryBound(to: CChar.self), raw.count)
    }
    return Array(buffer.prefix(max(0, count)))
  }

  /// Copies all below a folder, plain files and folders only.
  static func copy(_ from: String, to: String) throws {
    try FileMaker.makeDirectory(to)
    for name in try FileMaker.names(in: from) {
      let (source, copy) = ("\(from)/\(name)", "\(to)/\(name)")
      if let mode = FileMaker.mode(of: source), mode & S_IFMT == S_IFDIR {
        try Nodes.copy(source, to: copy)
      } else {
        try FileMaker.write(try FileMaker.read(source), to: copy)
      }
    }
  }

  /// Removes a folder with all below it.
  static func remove(_ path: String) throws {
    if let mode = FileMaker.mode(of: path), mode & S_IFMT == S_IFDIR {
      for name in try FileMaker.names(in: path) { try remove("\(path)/\(name)") }
    }
    try FileMaker.remove(path)
  }
}
