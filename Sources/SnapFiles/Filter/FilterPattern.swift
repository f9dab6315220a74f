// SPDX-License-Identifier: Apache-2.0

/// One line of a `.snapignore` file, or one `--exclude`: gitignore's grammar over raw bytes.
public struct FilterPattern: Hashable, Sendable {
  /// The pattern as written, without line end: raw bytes.
  public let text: [UInt8]
  /// A leading '!': what it matches is kept.
  let isNegated: Bool
  /// A trailing '/': only directories are matched.
  let isDirectoryOnly: Bool
  private let form: Form

  private enum Form: Hashable, Sendable {
    /// No '/' in front of the last byte: the name alone counts, at any depth.
    case name(Glob)
    /// From the place of the rule on.
    case path(PathGlob)
  }

  /// Reads a single pattern, in which `#` begins no comment and spaces at the end count.
  ///
  /// Throws ``FilterError`` (line 1).
  public init(_ text: String) throws(FilterError) {
    do {
      try self.init(Array(text.utf8)[...])
    } catch {
      throw FilterError(line: 1, pattern: Array(text.utf8), reason: error.reason)
    }
  }

  /// Reads the lines of a file; empty lines and comments give nothing.
  ///
  /// Throws ``FilterError`` for the first line that is wrong.
  public static func parse(_ text: [UInt8]) throws(FilterError) -> [FilterPattern] {
    let (patterns, errors) = parseAll(text)
    if let error = errors.first { throw error }
    return patterns
  }

  /// Reads the lines of a file and passes over wrong ones, which it gives back too.
  static func parseAll(_ text: [UInt8]) -> (patterns: [FilterPattern], errors: [FilterError]) {
    var patterns: [FilterPattern] = []
    var errors: [FilterError] = []
    let start = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0  // a byte order mark
    let lines = text[start...].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      let pattern = trimmed(line)
      if pattern.isEmpty || pattern.first == UInt8(ascii: "#") { continue }
      do {
        patterns.append(try FilterPattern(pattern))
      } catch {
        errors.append(
          FilterError(line: number + 1, pattern: Array(pattern), reason: error.reason))
      }
    }
    return (patterns, errors)
  }

  /// The line without its carriage return and without spaces at the end that no '\' keeps.
  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    var end = line.startIndex
    var at = line.startIndex
    while at < line.endIndex {
      let step = line[at] == UInt8(ascii: "\\") ? 2 : 1
      if line[at] != UInt8(ascii: " ") { end = min(at + step, line.endIndex) }
      at += step
    }
    return line[..<end]
  }

  private init(_ text: ArraySlice<UInt8>) throws(PatternReader.Fault) {
    self.text = Array(text)
    var rest = text
    if rest.contains(0) { throw PatternReader.Fault(reason: "a NUL byte is in no name") }
    isNegated = rest.first == UInt8(ascii: "!")
    if isNegated { rest = rest.dropFirst() }
    isDirectoryOnly = rest.last == UInt8(ascii: "/")
    if isDirectoryOnly { rest = rest.dropLast() }
    let isPath = rest.contains(UInt8(ascii: "/"))
    if rest.first == UInt8(ascii: "/") { rest = rest.dropFirst() }
    if rest.isEmpty { throw PatternReader.Fault(reason: "it names nothing") }
    let components = try PatternReader.components(rest)
    if isPath {
      form = .path(PathGlob(components))
    } else {
      form = .name(Glob(components.joined().map { $0 }))
    }
  }

  /// Says whether the pattern, in force from byte `base` of `path` on, names this entry.
  func matches(
    _ path: Span<UInt8>, base: Int, nameStart: Int, isDirectory: Bool
  ) -> Bool {
    if isDirectoryOnly && !isDirectory { return false }
    switch form {
    case .name(let glob): return glob.matches(path, in: nameStart..<path.count)
    case .path(let glob): return glob.matches(path, from: base)
    }
  }

  /// The same pattern from `root` on, if it is an absolute path that begins with that of `root`
  /// (a stored path); else nil.
  func rebased(at root: [UInt8]) -> FilterPattern? {
    let start = isNegated ? 1 : 0
    guard !root.isEmpty, text.count > start, text[start] == UInt8(ascii: "/") else { return nil }
    var at = start + 1
    for byte in root {
      if at < text.count, text[at] == UInt8(ascii: "\\") { at += 1 }
      guard at < text.count, text[at] == byte else { return nil }
      at += 1
    }
    guard at + 1 < text.count, text[at] == UInt8(ascii: "/") else { return nil }
    return try? FilterPattern((isNegated ? [UInt8(ascii: "!")] : []) + text[at...])
  }
}
