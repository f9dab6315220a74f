// SPDX-License-Identifier: Apache-2.0

/// Who may import whom. A new target below Sources needs a row.
enum Imports {
  private static let libraries = [
    "SnapFormat", "SnapStorage", "SnapFiles", "SnapCatalogue", "SnapRepository", "SnapOperations",
    "SnapLock",
  ]

  /// Target → what it may import besides Glibc and Synchronization; GRDB takes bytes as `Data`.
  static let table: [String: Set<String>] = [
    "SnapLock": [],
    "SnapFormat": ["CCrypto", "CZstd", "CArgon2", "CKernels"],
    "SnapStorage": ["SnapLock", "CLinux"],
    "SnapFiles": ["SnapFormat", "CLinux"],
    "SnapCatalogue": ["SnapFormat", "GRDB", "FoundationEssentials"],
    "SnapRepository": ["SnapFormat", "SnapStorage", "SnapLock", "CLinux"],
    "SnapOperations": [
      "SnapFormat", "SnapStorage", "SnapFiles", "SnapCatalogue", "SnapRepository", "SnapLock",
    ],
    // System and SystemPackage are the same module by the two names that Subprocess gives it.
    "snap": Set(libraries).union([
      "CLinux", "ArgumentParser", "TOMLKit", "Subprocess", "System", "SystemPackage", "Foundation",
      "Dispatch",
    ]),
  ]

  private static let everywhere: Set<String> = ["Glibc", "Synchronization"]

  static let followTheTable = Rule(.targets) { file in
    guard let target = file.target else { return [] }
    guard let row = table[target] else {
      return [file.finding(1, "target \(target) has no row in the table of imports")]
    }
    return modules(of: file).filter { !row.union(everywhere).contains($0.name) }.map {
      file.finding($0.line, "\(target) must not import \($0.name)")
    }
  }

  /// The modules that a file imports: `import A`, `public import A.B`, `import struct A.B`.
  private static func modules(of file: SourceFile) -> [(name: String, line: Int)] {
    let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    return file.tokens.indices.compactMap { index in
      guard file.tokens[index].text == "import", let next = file.token(index + 1) else {
        return nil
      }
      let module = kinds.contains(next.text) ? file.token(index + 2) : next
      return module.map { ($0.text, $0.line) }
    }
  }
}
