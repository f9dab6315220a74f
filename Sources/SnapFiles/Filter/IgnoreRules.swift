// SPDX-License-Identifier: Apache-2.0

/// The patterns of one `.snapignore` file, upon those of the directories above it.
final class IgnoreRules: Sendable {
  private let patterns: [FilterPattern]
  /// Where in a stored path the part begins that anchored patterns are compared with.
  private let base: Int
  private let above: IgnoreRules?

  init(_ patterns: [FilterPattern], base: Int, above: IgnoreRules?) {
    self.patterns = patterns
    self.base = base
    self.above = above
  }

  /// True: left out; false: kept by a '!'; nil: no pattern names it. The last pattern of the
  /// deepest file decides.
  func verdict(_ path: Span<UInt8>, nameStart: Int, isDirectory: Bool) -> Bool? {
    for pattern in patterns.reversed()
    where pattern.matches(path, base: base, nameStart: nameStart, isDirectory: isDirectory) {
      return !pattern.isNegated
    }
    return above?.verdict(path, nameStart: nameStart, isDirectory: isDirectory)
  }
}
