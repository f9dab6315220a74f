// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

/// Random patterns over a random tree must leave out what git ignores.
struct GitComparisonTests {
  private static let atoms = [
    "a", "b", "c", "ab", ".", "*", "?", "[ab]", "[!a]", "[a-c]", "[^b-c]", "\\a", "\\*", "[]a]",
    "[[:alpha:]]", "x y", "-",
  ]
  private static let nameAtoms = ["a", "b", "c", "ab", ".c", "x y", "*", "]", "-", "[", "é"]

  @Test func agreesWithGit() throws {
    guard Scratch.shell("git --version >/dev/null 2>&1") == 0 else {
      Scratch.note("comparison with git, which is not there")
      return
    }
    let seed = ScratchRandom.seed()
    var random = ScratchRandom(seed: seed)
    let scratch = try Scratch()
    let git = "env -i PATH=\"$PATH\" HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git"
    try #require(scratch.shell("\(git) init -q . >/dev/null 2>&1") == 0)
    let (paths, directories) = try makeTree(scratch, &random)
    let list = paths.flatMap { (path: String) -> [UInt8] in Array(path.utf8) + [0] }
    var counts = (ignored: 0, kept: 0)
    for round in 0..<40 {
      var rules: [String] = []
      for directory in [""] + directories where directory.isEmpty || random.chance(4) {
        let lines = (0..<Int.random(in: 1...5, using: &random)).map { _ in pattern(&random) }
        rules.append("\(directory): \(lines)")
        for name in [".gitignore", ".snapignore"] {
          try scratch.file(directory + name, lines.joined(separator: random.pick(["\n", "\r\n"])))
        }
      }
      try scratch.file(Array(".git/list".utf8), list)
      scratch.shell("\(git) check-ignore --no-index -z --stdin <.git/list >.git/ignored")
      let ignored = Set(
        try read(scratch.path(".git/ignored")).split(separator: 0)
          .map { String(decoding: $0, as: UTF8.self) })
      let walk = try WalkResult([scratch.root])
      try #require(walk.problems.isEmpty, "\(rules)")
      let kept = Set(walk.names(scratch))
      counts.ignored += ignored.count
      counts.kept += paths.count - ignored.count
      for path in paths where kept.contains(path) == ignored.contains(path) {
        Issue.record(
          "seed \(seed) round \(round): git \(ignored.contains(path)) for \(path) of \(rules)")
      }
      scratch.shell("find . -name .gitignore -delete; find . -name .snapignore -delete")
    }
    // It compared something.
    #expect(counts.ignored > 100 && counts.kept > 100, "\(seed)")
  }

  private func makeTree(
    _ scratch: Scratch, _ random: inout ScratchRandom
  ) throws -> (paths: [String], directories: [String]) {
    var directories = [""]
    var paths: Set<String> = []
    for _ in 0..<150 {
      let name = (0..<Int.random(in: 1...2, using: &random))
        .map { _ in random.pick(Self.nameAtoms) }.joined()
      let path = random.pick(directories) + name
      guard paths.insert(path).inserted else { continue }
      if random.chance(3) {
        try scratch.directory(path)
        directories.append(path + "/")
      } else {
        try scratch.file(path)
      }
    }
    return (paths.sorted(), directories.dropFirst().sorted())
  }

  /// Without two stars beside other characters in a path: git takes them for `**` after a literal
  /// begin, against its own documentation.
  private func pattern(_ random: inout ScratchRandom) -> String {
    let parts = (0..<random.pick([1, 1, 1, 2, 2, 3])).map { _ in
      if random.chance(5) { return "**" }
      var part = ""
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let atom = random.pick(Self.atoms)
        if atom != "*" || part.last != "*" { part += atom }
      }
      return part
    }
    return (random.chance(4) ? "!" : "") + (random.chance(5) ? "/" : "")
      + parts.joined(separator: "/") + (random.chance(4) ? "/" : "")
      + (random.chance(8) ? "  " : "")
  }

  private func read(_ path: String) throws -> [UInt8] {
    let file = unsafe open(path, O_RDONLY)
    try #require(file >= 0)
    defer { close(file) }
    var out: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let got = unsafe Glibc.read(file, &buffer, buffer.count)
      if got <= 0 { return out }
      out += buffer.prefix(got)
    }
  }
}
