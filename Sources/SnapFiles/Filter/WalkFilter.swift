// SPDX-License-Identifier: Apache-2.0

/// What is left out of one directory: the patterns given for the run, then `.snapignore` files.
struct WalkFilter: Sendable {
  /// Stronger than any file.
  private var given: IgnoreRules?
  private var files: IgnoreRules?

  /// Leaves nothing out.
  init() {}

  /// The given patterns as they count below `root`.
  init(_ excludes: [FilterPattern], root: [UInt8]) {
    if excludes.isEmpty { return }
    let patterns = excludes.flatMap { [$0, $0.rebased(at: root)].compactMap(\.self) }
    given = IgnoreRules(patterns, base: Self.base(root), above: nil)
  }

  /// Adds the `.snapignore` file of `directory`.
  mutating func add(_ patterns: [FilterPattern], directory: [UInt8]) {
    if patterns.isEmpty { return }
    files = IgnoreRules(patterns, base: Self.base(directory), above: files)
  }

  var isEmpty: Bool { given == nil && files == nil }

  /// Says whether an entry is left out; whether a directory above it is, is for the caller to know.
  func leavesOut(_ path: [UInt8], nameStart: Int, isDirectory: Bool) -> Bool {
    let text = path.span
    return given?.verdict(text, nameStart: nameStart, isDirectory: isDirectory)
      ?? files?.verdict(text, nameStart: nameStart, isDirectory: isDirectory)
      ?? false
  }

  private static func base(_ directory: [UInt8]) -> Int {
    directory.isEmpty ? 0 : directory.count + 1
  }
}
