// SPDX-License-Identifier: Apache-2.0

/// How large things may become.
enum Sizes {
  static let fileLinesMax = 500
  static let functionLinesMax = 80
  static let requirementsMax = 6
  static let commandLinesMax = 150
  static let manifestLinesMax = 150
  static let columnsMax = 100

  static let files = Rule(.swiftAndC) { file in
    tooLong(file, fileLinesMax, "the file")
  }
  static let commands = Rule(.commands) { file in
    tooLong(file, commandLinesMax, "the file of a command")
  }
  static let manifest = Rule(.manifest) { file in
    tooLong(file, manifestLinesMax, "Package.swift")
  }

  static let functions = Rule(.swiftAndC) { file in
    Blocks(file).functions.filter { $0.lineCount > functionLinesMax }.map {
      file.finding($0.line, "\($0.name) has \($0.lineCount) lines, more than \(functionLinesMax)")
    }
  }

  static let protocols = Rule(.swift) { file in
    Blocks(file).protocols.filter { $0.requirements > requirementsMax }.map {
      file.finding(
        $0.line, "\($0.name) has \($0.requirements) requirements, more than \(requirementsMax)")
    }
  }

  static let lines = Rule(.code) { file in
    file.lines.enumerated().filter { $0.element.count > columnsMax }.map {
      file.finding($0.offset + 1, "\($0.element.count) columns, more than \(columnsMax)")
    }
  }

  private static func tooLong(_ file: SourceFile, _ max: Int, _ what: String) -> [Finding] {
    let count = file.lineCount
    return count > max ? [file.finding(count, "\(what) has \(count) lines, more than \(max)")] : []
  }
}
