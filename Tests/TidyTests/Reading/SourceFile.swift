// SPDX-License-Identifier: Apache-2.0

/// One file of the project, as the rules see it.
struct SourceFile: Sendable {
  /// From the project's folder, with slashes.
  let path: String
  let lines: [Substring]
  let tokens: [Token]
  /// What is said in comments, by line (from 1).
  let comments: [Int: String]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let tokenizer =
      Self.hasSuffix(path, [".swift", ".c", ".h"])
      ? Tokenizer(text, isC: !path.hasSuffix(".swift")) : nil
    tokens = tokenizer?.tokens ?? []
    comments = tokenizer?.comments ?? [:]
  }

  var isSwift: Bool { path.hasSuffix(".swift") }
  var isC: Bool { Self.hasSuffix(path, [".c", ".h"]) }
  var isManifest: Bool { path == "Package.swift" || path.hasSuffix("/Package.swift") }
  var isScript: Bool { lines.first?.hasPrefix("#!") == true || path.hasSuffix(".sh") }
  /// Lines, an empty one after the last line break not counted.
  var lineCount: Int { lines.last?.isEmpty == true ? lines.count - 1 : lines.count }

  /// The target below Sources that the file belongs to, or nil.
  var target: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }

  /// The token that many places further; nil outside.
  func token(_ index: Int) -> Token? {
    tokens.indices.contains(index) ? tokens[index] : nil
  }

  func finding(_ line: Int, _ text: String) -> Finding {
    Finding(path: path, line: line, text: text)
  }

  private static func hasSuffix(_ path: String, _ suffixes: [String]) -> Bool {
    suffixes.contains { path.hasSuffix($0) }
  }
}

/// A place where a rule is broken.
struct Finding: CustomStringConvertible, Equatable, Sendable {
  let path: String
  let line: Int
  let text: String

  var description: String { "\(path):\(line): \(text)" }
}
