// SPDX-License-Identifier: Apache-2.0

/// Something that must hold in every file that it is about.
struct Rule: Sendable {
  private let scope: Scope
  private let check: @Sendable (SourceFile) -> [Finding]

  init(_ scope: Scope, check: @escaping @Sendable (SourceFile) -> [Finding]) {
    self.scope = scope
    self.check = check
  }

  /// What breaks the rule in these files.
  func findings(in files: [SourceFile]) -> [Finding] {
    files.filter(scope.contains).flatMap(check)
  }

  /// What breaks the rule in a text that would stand at a path.
  func findings(in text: String, at path: String) -> [Finding] {
    findings(in: [SourceFile(path: path, text: text)])
  }
}

/// The files that a rule is about.
struct Scope: Sendable {
  let contains: @Sendable (SourceFile) -> Bool

  static let everything = Scope { _ in true }
  static let swift = Scope(contains: \.isSwift)
  static let swiftAndC = Scope { $0.isSwift || $0.isC }
  static let manifest = Scope { $0.path == "Package.swift" }
  /// Swift that is no manifest: declarations may be used by others.
  static let modules = Scope { $0.isSwift && !$0.isManifest }
  /// All Swift below Sources.
  static let targets = Scope { $0.isSwift && $0.target != nil }
  static let libraries = Scope { $0.isSwift && $0.target != nil && $0.target != "snap" }
  static let commands = Scope { $0.isSwift && $0.path.hasPrefix("Sources/snap/Commands/") }
  /// What a person writes line by line.
  static let code = Scope { $0.isSwift || $0.isC || $0.isScript }
  /// What must name its licence; the first line of a manifest says something else.
  static let licensed = Scope {
    ($0.isSwift && !$0.isManifest) || $0.isC || $0.isScript || $0.path.hasSuffix(".py")
  }
}
