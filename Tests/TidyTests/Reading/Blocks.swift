// SPDX-License-Identifier: Apache-2.0

/// The functions and protocols of a file, found by their braces.
struct Blocks {
  struct Function: Equatable {
    let name: String
    let line: Int
    /// From its keyword (in C: its opening brace) to its closing brace.
    let lineCount: Int
  }

  struct Requirements: Equatable {
    let name: String
    let line: Int
    var requirements = 0
  }

  private(set) var functions: [Function] = []
  private(set) var protocols: [Requirements] = []

  private enum Opened {
    case function(name: String, line: Int)
    case requirements(Requirements)
    case other
  }

  private var stack: [Opened] = []
  /// A declaration whose brace has not come yet, and the parentheses around it.
  private var pending: (opened: Opened, depth: Int)?
  private var depth = 0

  init(_ file: SourceFile) {
    for (index, token) in file.tokens.enumerated() {
      switch token.text {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case "{": open(file, index)
      case "}": close(token.line)
      default: if file.isSwift, token.kind == .word { declare(file, index) }
      }
    }
  }

  private mutating func declare(_ file: SourceFile, _ index: Int) {
    let token = file.tokens[index]
    guard file.token(index - 1)?.text != ".", let next = file.token(index + 1) else { return }
    let isFunction: Bool
    switch token.text {
    case "func", "deinit", "subscript": isFunction = true
    case "init": isFunction = ["(", "<", "?"].contains(next.text)
    case "var": isFunction = false
    case "struct", "class", "enum", "extension", "actor":
      // What came before had no body: a function of another library, by name only.
      pending = nil
      return
    case "protocol":
      pending = (.requirements(Requirements(name: next.text, line: token.line)), depth)
      return
    default: return
    }
    if case .requirements(var inside) = stack.last {
      if depth == 0 { inside.requirements += 1 }
      stack[stack.count - 1] = .requirements(inside)
    } else if isFunction {
      let name = token.text == "func" ? next.text : token.text
      pending = (.function(name: name, line: token.line), depth)
    }
  }

  private mutating func open(_ file: SourceFile, _ index: Int) {
    if let declared = pending, declared.depth == depth {
      stack.append(declared.opened)
      pending = nil
    } else if file.isC, stack.isEmpty, file.token(index - 1)?.text == ")" {
      stack.append(.function(name: "the function", line: file.tokens[index].line))
    } else if file.isC, stack.isEmpty, file.token(index - 1)?.kind == .string {
      // extern "C" { … }: what is inside counts as outermost.
    } else {
      stack.append(.other)
    }
  }

  private mutating func close(_ line: Int) {
    switch stack.popLast() {
    case .function(let name, let first):
      functions.append(Function(name: name, line: first, lineCount: line - first + 1))
    case .requirements(let found): protocols.append(found)
    case .other, nil: break
    }
  }
}
