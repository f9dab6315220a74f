// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// Shows entries of one snapshot, with the owners' names as they were.
struct EntryNames {
  private var users: [UInt32: String] = [:]
  private var groups: [UInt32: String] = [:]

  init(_ snapshot: Snapshot) {
    for owner in snapshot.owners {
      if owner.isGroup {
        groups[owner.number] = owner.name
      } else {
        users[owner.number] = owner.name
      }
    }
  }

  /// One line as `ls -l` would print it.
  func long(
    _ entry: Entry, name: ([UInt8]) -> [UInt8], offset: (Int64) -> Int
  ) -> [UInt8] {
    let user = users[entry.uid] ?? String(entry.uid)
    let group = groups[entry.gid] ?? String(entry.gid)
    let size = TextWidth.padLeft(String(entry.size), to: 12)
    let time = LocalTime.minute(entry.mtime, offset: offset(entry.mtime.seconds))
    let head =
      "\(Self.mode(entry)) \(TextWidth.padRight(user, to: 8)) \(TextWidth.padRight(group, to: 8))"
      + " \(size) \(time) "
    var line = Array(EscapedText.printable(head).utf8) + name(entry.path)
    if entry.kind == .symlink { line += Array(" -> ".utf8) + name(entry.target) }
    return line
  }

  /// The object of the JSON stream.
  func json(_ entry: Entry) -> JSONLine {
    var line = JSONLine(type: "entry")
    line.addPath(entry.path)
    line.add("kind", Self.kind(entry))
    if entry.kind == .file { line.add("size", entry.size) }
    line.add("mode", entry.mode & 0o7777)
    line.add("mtime", entry.mtime)
    line.add("uid", entry.uid)
    line.add("gid", entry.gid)
    line.add("user", users[entry.uid])
    line.add("group", groups[entry.gid])
    if entry.kind == .symlink { line.addName("target", entry.target) }
    return line
  }

  private static func kind(_ entry: Entry) -> String {
    switch entry.kind {
    case .file: "file"
    case .directory: "dir"
    case .symlink: "symlink"
    case .fifo: "fifo"
    case .characterDevice: "char"
    case .blockDevice: "block"
    case .socket: "socket"
    case .unknown: "unknown"
    }
  }

  private static func mode(_ entry: Entry) -> String {
    let letters: [Entry.Kind: String] = [
      .file: "-", .directory: "d", .symlink: "l", .fifo: "p", .characterDevice: "c",
      .blockDevice: "b", .socket: "s",
    ]
    var text = letters[entry.kind] ?? "?"
    for (i, letter) in "rwxrwxrwx".enumerated() {
      text.append(entry.mode >> UInt32(8 - i) & 1 == 1 ? letter : "-")
    }
    return text
  }
}
