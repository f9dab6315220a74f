// SPDX-License-Identifier: Apache-2.0

/// Calls and keywords that stop the program, or read what a library must be given.
enum Calls {
  static let noForcedTry = forced("try", "try! stops the program: throw, or give a value")
  static let noForcedCast = forced("as", "as! stops the program: use as? and a guard")
  static let noUnowned = Rule(.swift) { file in
    file.tokens.filter { $0.text == "unowned" }.map {
      file.finding($0.line, "unowned stops the program when it is wrong: use weak or hold it")
    }
  }

  static let noFatalError = Rule(.swift) { file in
    calls(of: ["fatalError"], in: file).map {
      file.finding($0.line, "fatalError stops the program: throw")
    }
  }

  /// `x!`, `f()!`, `T!`: an exclamation mark glued to what it follows, and not `!=`.
  static let noForceUnwrap = Rule(.swift) { file in
    file.tokens.indices.compactMap { index in
      let mark = file.tokens[index]
      guard mark.text == "!", mark.isGlued, let before = file.token(index - 1) else { return nil }
      guard before.kind != .symbol || [")", "]", "}", "?", ">"].contains(before.text) else {
        return nil
      }
      if ["try", "as"].contains(before.text) { return nil }
      if let next = file.token(index + 1), next.text == "=", next.isGlued { return nil }
      return file.finding(mark.line, "\(before.text)! stops the program: guard, or throw")
    }
  }

  /// A promise to the compiler needs its reason: a comment that names Sendable, or says Proof.
  static let uncheckedSendableHasProof = Rule(.swift) { file in
    file.tokens.indices.compactMap { index in
      guard file.tokens[index].text == "unchecked", file.token(index - 1)?.text == "@",
        file.token(index + 1)?.text == "Sendable"
      else { return nil }
      let line = file.tokens[index].line
      var first = line - 2
      // A comment that reaches the declaration is read from its beginning.
      while file.comments[first] != nil { first -= 1 }
      let isProven = (first...(line + 2)).contains { near in
        file.comments[near].map { isProof($0) } ?? false
      }
      return isProven ? nil : file.finding(line, "@unchecked Sendable without “// Sendable: why”")
    }
  }

  private static func isProof(_ comment: String) -> Bool {
    comment.split { !$0.isLetter }.contains { $0 == "Sendable" || $0 == "Proof" }
  }

  /// Libraries return reports, and are given the time and the environment.
  static let librariesDoNotPrint = inLibraries(["print", "debugPrint", "dump"], "only snap prints")
  static let librariesDoNotReadTheEnvironment = Rule(.libraries) { file in
    let names = ["getenv", "secure_getenv", "ProcessInfo", "environ"]
    return file.tokens.filter { names.contains($0.text) }.map {
      file.finding($0.line, "\($0.text): the environment is passed in by snap")
    }
  }
  static let librariesDoNotReadTheClock = Rule(.libraries) { file in
    file.tokens.indices.compactMap { index in
      guard ["Date", "time", "gettimeofday"].contains(file.tokens[index].text),
        file.token(index - 1)?.text != "func", file.token(index - 1)?.text != ".",
        file.token(index + 1)?.text == "(", file.token(index + 1)?.isGlued == true,
        file.tokens[index].text != "Date" || file.token(index + 2)?.text == ")",
        file.tokens[index].text != "time" || file.token(index + 2)?.text == "nil"
      else { return nil }
      return file.finding(file.tokens[index].line, "the time is passed in by snap")
    }
  }

  private static func inLibraries(_ names: [String], _ text: String) -> Rule {
    Rule(.libraries) { file in
      calls(of: names, in: file).map { file.finding($0.line, "\($0.text)(: \(text)") }
    }
  }

  private static func forced(_ word: String, _ text: String) -> Rule {
    Rule(.swift) { file in
      file.tokens.indices.compactMap { index in
        guard file.tokens[index].text == word, let next = file.token(index + 1),
          next.text == "!", next.isGlued
        else { return nil }
        return file.finding(next.line, text)
      }
    }
  }

  /// Calls of free functions: `name(`, not `x.name(` and not `func name(`.
  private static func calls(of names: [String], in file: SourceFile) -> [Token] {
    file.tokens.indices.compactMap { index in
      let token = file.tokens[index]
      guard names.contains(token.text), file.token(index + 1)?.text == "(" else { return nil }
      return ["func", "."].contains(file.token(index - 1)?.text) ? nil : token
    }
  }
}
