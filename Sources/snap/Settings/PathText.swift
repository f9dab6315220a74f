// SPDX-License-Identifier: Apache-2.0

/// Paths as text, without looking at the disk.
enum PathText {
  /// An absolute path in short form: no `.`, no `..`, no double slash.
  ///
  /// `..` is resolved by name, as a shell's `cd` does.
  static func standard(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: true) {
      switch part {
      case ".": continue
      case "..": _ = parts.popLast()
      default: parts.append(part)
      }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// Makes a path absolute: `~/…` from the home directory, anything relative from `directory`.
  static func absolute(_ path: String, from directory: String, home: String) -> String {
    if path.hasPrefix("/") { return standard(path) }
    if path == "~" || path.hasPrefix("~/") { return standard(home + path.dropFirst()) }
    return standard(directory + "/" + path)
  }

  /// The last component, or `/`.
  static func last(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? "/"
  }

  /// Everything before the last component.
  static func parent(_ path: String) -> String {
    standard(path + "/..")
  }

  /// A path as people write it: the home directory as `~`.
  static func short(_ path: String, home: String) -> String {
    if home == "/" || home.isEmpty { return path }
    if path == home { return "~" }
    return path.hasPrefix(home + "/") ? "~" + path.dropFirst(home.count) : path
  }
}
