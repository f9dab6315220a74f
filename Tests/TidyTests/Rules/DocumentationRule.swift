// SPDX-License-Identifier: Apache-2.0

/// What others may use is described.
enum Documentation {
  private static let access: Set<String> = ["public", "package", "open"]
  private static let declarations: Set<String> = [
    "func", "var", "let", "init", "subscript", "struct", "class", "enum", "protocol", "actor",
    "typealias", "associatedtype", "macro",
  ]
  private static let modifiers: Set<String> = [
    "static", "final", "nonisolated", "mutating", "nonmutating", "consuming", "borrowing",
    "override", "convenience", "required", "indirect", "lazy", "weak", "private", "internal",
    "fileprivate", "set", "prefix", "postfix", "infix", "unsafe", "safe", "class", "consuming",
  ]

  /// Every `public`, `package` or `open` declaration has a `///` right before it, or before its
  /// attributes.
  static let isThere = Rule(.modules) { file in
    file.tokens.indices.compactMap { index in
      guard access.contains(file.tokens[index].text), isModifier(file, index),
        let keyword = declared(file, after: index)
      else { return nil }
      let line = firstLine(file, index)
      if file.comments[line - 1]?.hasDocumentation == true { return nil }
      let name = file.token(keyword + 1)?.text ?? ""
      return file.finding(line, "\(file.tokens[keyword].text) \(name) is not described by a ///")
    }
  }

  /// `public` as a modifier, not as a name or a label.
  private static func isModifier(_ file: SourceFile, _ index: Int) -> Bool {
    guard let next = file.token(index + 1), next.kind == .word || next.text == "(" else {
      return false
    }
    return file.token(index - 1)?.text != "."
  }

  /// Where the keyword is that follows the modifiers; nil for an import or an extension.
  private static func declared(_ file: SourceFile, after index: Int) -> Int? {
    var next = index + 1
    while let token = file.token(next) {
      if declarations.contains(token.text), !isClassModifier(file, next) { return next }
      guard modifiers.contains(token.text) || ["(", ")", "@"].contains(token.text) else {
        return nil
      }
      next += 1
    }
    return nil
  }

  private static func isClassModifier(_ file: SourceFile, _ index: Int) -> Bool {
    guard file.tokens[index].text == "class", let next = file.token(index + 1) else { return false }
    return ["func", "var", "subscript"].contains(next.text)
  }

  /// The first line of the declaration, its attributes before it included.
  private static func firstLine(_ file: SourceFile, _ index: Int) -> Int {
    var line = file.tokens[index].line
    while line > 1, file.comments[line - 1]?.hasDocumentation != true {
      let above = file.lines[line - 2].drop { $0 == " " }
      guard above.hasPrefix("@") || above.hasPrefix("// ") else { break }
      line -= 1
    }
    return line
  }
}

extension String {
  fileprivate var hasDocumentation: Bool { hasPrefix("///") }
}
