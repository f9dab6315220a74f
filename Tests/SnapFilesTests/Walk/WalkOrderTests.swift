// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

struct WalkOrderTests {
  @Test func isTheFormatsOrderOverAllRoots() throws {
    let seed = ScratchRandom.seed()
    var random = ScratchRandom(seed: seed)
    let scratch = try Scratch()
    let letters = Array("a-. 0z/".utf8).filter { $0 != 0x2F } + [0x01, 0xC3, 0xFF, 0x30, 0x2E]
    func name() -> [UInt8] {
      (0..<Int.random(in: 1...11, using: &random)).map { _ in random.pick(letters) } + [0x61]
    }
    var directories: [[UInt8]] = [[]]
    var all: Set<[UInt8]> = []
    for _ in 0..<400 {
      let path = TreePath.join(random.pick(directories), name())
      guard all.insert(path).inserted else { continue }
      if random.chance(3) {
        let whole = Array(scratch.root.utf8) + [0x2F] + path + [0]
        try #require(unsafe mkdir(whole.map { CChar(bitPattern: $0) }, 0o755) == 0)
        directories.append(path)
      } else {
        try scratch.file(path)
      }
    }
    let walk = try WalkResult([scratch.root])
    let expected = all.map { scratch.stored + [0x2F] + $0 }.sorted { TreePath.precedes($0, $1) }
    #expect(walk.problems.isEmpty)
    #expect(walk.entries.filter { !$0.isAncestor }.dropFirst().map(\.path) == expected, "\(seed)")

    // Some of its directories as roots of their own.
    let roots = directories.dropFirst().compactMap { path in
      String(validating: path, as: UTF8.self).map(scratch.path)
    }.shuffled(using: &random).prefix(6)
    let parts = try WalkResult(Array(roots))
    for (a, b) in zip(parts.entries, parts.entries.dropFirst()) {
      #expect(TreePath.precedes(a.path, b.path), "\(seed)")
    }
    let inside = expected.filter { path in
      roots.contains { TreePath.contains(Array($0.utf8.dropFirst()), path) }
    }
    #expect(parts.entries.filter { !$0.isAncestor }.map(\.path) == inside, "\(seed)")
  }

  @Test func sortsManyNames() throws {
    let scratch = try Scratch()
    try #require(
      scratch.shell("seq -f 'prefix-%05g' 1 7000 | shuf | xargs touch; touch prefix- p pre") == 0)
    let names = try WalkResult([scratch.root]).names(scratch)
    #expect(names.count == 7003)
    #expect(names == names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
  }

  /// Deeper than the walk holds open and longer than PATH_MAX.
  @Test func reachesBelowTheLongestPath() throws {
    let scratch = try Scratch()
    let depth = 300
    let name = String(repeating: "d", count: 40)
    var handle = unsafe open(scratch.root, O_RDONLY | O_DIRECTORY)
    defer { close(handle) }
    for level in 0..<depth {
      for (file, wanted) in [("before", level % 7 == 0), ("zz-after", true)] where wanted {
        let made = unsafe openat(handle, file, O_WRONLY | O_CREAT, 0o644)
        try #require(made >= 0)
        close(made)
      }
      try #require(unsafe mkdirat(handle, name, 0o755) == 0)
      let next = unsafe openat(handle, name, O_RDONLY | O_DIRECTORY)
      try #require(next >= 0)
      close(handle)
      handle = next
    }
    var walker = try TreeWalker(roots: [scratch.root], options: WalkOptions())
    var previous: [UInt8] = []
    var (files, directories, longest, open) = (0, 0, 0, 0)
    while let event = walker.next() {
      guard case .entry(let entry) = event else {
        Issue.record("\(event)")
        continue
      }
      #expect(TreePath.precedes(previous, entry.path))
      previous = entry.path
      longest = max(longest, entry.path.count)
      open = max(open, walker.levels.count { $0.handle != nil })
      if entry.status.kind == .directory { directories += 1 } else { files += 1 }
      // Each one can really be reached.
      if entry.status.kind == .file { #expect(try FileReader(entry).status == entry.status) }
    }
    #expect(files == depth + (depth + 6) / 7)
    #expect(directories >= depth)
    #expect(longest > 4096)
    #expect(open <= TreeWalker.openLevelsMax + 1)
    #expect(open > 100)
  }

  @Test func goesOnWhenADeepDirectoryIsMovedAway() throws {
    let scratch = try Scratch()
    let depth = TreeWalker.openLevelsMax + 20
    let deep = Array(repeating: "d", count: depth).joined(separator: "/")
    try scratch.file(deep + "/last")
    try scratch.file("d/d/zz-lost")
    try scratch.file("d/d/d/zz-kept")
    try scratch.file("d/zz-kept")
    var walker = try TreeWalker(roots: [scratch.root], options: WalkOptions())
    var names: [[UInt8]] = []
    var problems: [FileError] = []
    while let event = walker.next() {
      switch event {
      case .entry(let entry):
        names.append(entry.name)
        // All handles at the top are closed by now.
        if entry.name == Array("last".utf8) { scratch.shell("mv d/d/d moved; mv d/d d/e") }
      case .problem(let problem): problems.append(problem)
      }
    }
    // The moved directory is still the one that was listed; of the other one the way is lost.
    #expect(names.count { $0 == Array("zz-kept".utf8) } == 2)
    #expect(!names.contains(Array("zz-lost".utf8)))
    #expect(problems.map(\.doing) == ["list the rest of"])
    #expect(problems.first?.path == scratch.stored + Array("/d/d".utf8))
  }
}
