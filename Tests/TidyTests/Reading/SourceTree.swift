// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The files of the project.
enum SourceTree {
  /// Read once for all rules.
  static let files: [SourceFile] = readAll()

  /// Tests/TidyTests/Reading/SourceTree.swift, four steps up.
  private static let root: String = {
    guard let path = unsafe realpath(#filePath, nil) else { return "." }
    defer { unsafe free(path) }
    var parts = unsafe String(cString: path).split(separator: "/")
    parts.removeLast(min(4, parts.count))
    return "/" + parts.joined(separator: "/")
  }()

  private static let suffixes = [
    ".swift", ".c", ".h", ".py", ".sh", ".md", ".modulemap", ".toml", ".txt",
  ]

  private static func readAll() -> [SourceFile] {
    var files: [SourceFile] = []
    var folders = [""]
    while let folder = folders.popLast() {
      for (name, isFolder) in list(folder) {
        let path = folder.isEmpty ? name : folder + "/" + name
        if isFolder {
          // What is built, downloaded or git's own; .ci is ours.
          if !name.hasPrefix(".") || name == ".ci" { folders.append(path) }
        } else if isText(path, name) {
          files.append(SourceFile(path: path, text: read(path)))
        }
      }
    }
    return files.sorted { $0.path < $1.path }
  }

  /// By its ending, or a script without one.
  private static func isText(_ path: String, _ name: String) -> Bool {
    suffixes.contains { name.hasSuffix($0) } || (!name.contains(".") && read(path).hasPrefix("#!"))
  }

  private static func list(_ folder: String) -> [(name: String, isFolder: Bool)] {
    guard let stream = unsafe opendir(root + "/" + folder) else { return [] }
    defer { unsafe closedir(stream) }
    var entries: [(String, Bool)] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      let type = unsafe Int32(entry.pointee.d_type)
      if name == "." || name == ".." { continue }
      if type == Int32(DT_DIR) { entries.append((name, true)) }
      if type == Int32(DT_REG) { entries.append((name, false)) }
    }
    return entries
  }

  private static func read(_ path: String) -> String {
    let file = unsafe open(root + "/" + path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { memory in
        unsafe Glibc.read(file, memory.baseAddress, memory.count)
      }
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }
}
