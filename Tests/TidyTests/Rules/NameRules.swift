// SPDX-License-Identifier: Apache-2.0

/// Words that say nothing, in the names of types, functions and files.
enum Names {
  static let bannedWords: Set<String> = [
    "Manager", "Common", "Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Misc",
  ]
  static let bannedFunctions: Set<String> = ["process", "handle", "doIt"]

  static let types = Rule(.swift) { file in
    let keywords = ["struct", "class", "enum", "protocol", "actor", "typealias"]
    return file.tokens.indices.compactMap { index in
      guard keywords.contains(file.tokens[index].text), let name = file.token(index + 1),
        name.kind == .word, let word = words(name.text).first(where: bannedWords.contains)
      else { return nil }
      return file.finding(name.line, "\(name.text): “\(word)” says nothing")
    }
  }

  static let functions = Rule(.swift) { file in
    file.tokens.indices.compactMap { index in
      guard file.tokens[index].text == "func", let name = file.token(index + 1),
        bannedFunctions.contains(name.text)
      else { return nil }
      return file.finding(name.line, "\(name.text)() says nothing: what does it do?")
    }
  }

  static let files = Rule(.swiftAndC) { file in
    let parts = file.path.split { "/.+_".contains($0) }
    return parts.compactMap { part in
      words(String(part)).first(where: bannedWords.contains).map {
        file.finding(1, "“\($0)” in the path says nothing")
      }
    }
  }

  /// The words of a name in camel case, each with a capital.
  private static func words(_ name: String) -> [String] {
    var words: [String] = []
    for character in name {
      if character.isUppercase || words.isEmpty {
        words.append(character.uppercased())
      } else {
        words[words.count - 1].append(character)
      }
    }
    return words
  }
}
