// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFormat
import SnapTesting
import Testing

@Suite struct CatalogueTests {
  let folder: TemporaryDirectory
  var path: String { folder.file("catalogue.sqlite") }

  init() throws { folder = try TemporaryDirectory() }

  @Test(arguments: [true, false])
  func keepsEveryKindOfEntry(onDisk: Bool) {
    let catalogue = Catalogue(path: onDisk ? path : nil)
    #expect(catalogue.isOnDisk == onDisk)
    #expect(catalogue.isEmpty(below: [[]]))
    let rows = Samples.everyKind()
    #expect(catalogue.put(rows.reversed()))
    #expect(catalogue.rows() == rows)
    #expect(!catalogue.isEmpty(below: [[]]))
  }

  @Test func staysWhenClosedAndBelongsToItsOwnerOnly() {
    let rows = Samples.everyKind()
    do {
      let catalogue = Catalogue(path: path)
      #expect(catalogue.put(rows))
      for suffix in ["", "-wal", "-shm", ".lock"] {
        #expect((FileMaker.mode(of: path + suffix) ?? 0) & 0o777 == 0o600, "\(suffix)")
      }
    }
    #expect(Catalogue(path: path).rows() == rows)
  }

  @Test func keepsTwentyThousandChunkIDsAndReadsThemInSmallBatches() {
    let catalogue = Catalogue(path: path)
    let rows = (0..<6).map { Samples.file(Array("big\($0)".utf8), number: $0, chunks: 20_000 + $0) }
    #expect(catalogue.put(rows))
    #expect(catalogue.rows() == rows)
  }

  @Test func doesNotKeepWhatNoTreeMayHold() {
    let catalogue = Catalogue(path: path)
    var folded = Samples.file("folded")
    #expect(catalogue.put([folded]))
    folded.entry.content.level = 1
    // The older row would be wrong now, so it goes.
    #expect(catalogue.put([folded]))
    let unsafe = ["", "/a", "a//b", "a/../b", "a\0b", "a/"].map { Samples.file($0) }
    #expect(catalogue.put(unsafe + [Samples.file("kept")]))
    #expect(catalogue.paths() == [Array("kept".utf8)])
  }

  @Test func walksInTheOrderOfTheFormat() {
    var random = SeededRandom.fresh()
    let paths = Samples.paths(3_500, &random)
    let catalogue = Catalogue(path: path)
    #expect(catalogue.put(paths.shuffled(using: &random).map { Samples.file($0) }))
    #expect(catalogue.paths() == paths, "\(random)")
    for _ in 0..<40 {
      var roots: [[UInt8]] = []
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        var root = paths.randomElement(using: &random) ?? []
        if Bool.random(using: &random) { root = TreePath.parent(root) }
        roots.append(root)
      }
      let expected = paths.filter { path in roots.contains { TreePath.contains($0, path) } }
      #expect(catalogue.paths(below: roots) == expected, "\(random) \(roots)")
      #expect(catalogue.isEmpty(below: roots) == expected.isEmpty, "\(random) \(roots)")
    }
  }

  @Test func takesNamesOfAnyBytes() {
    let catalogue = Catalogue(path: path)
    let most = [UInt8](repeating: 0xFF, count: 255)
    let deep = Array([[UInt8]](repeating: most, count: 255).joined(separator: [0x2F]))
    let paths: [[UInt8]] = [
      [1], [0x0A], Array("a".utf8), Array("a/b".utf8), Array("a\u{1}".utf8), Array("a.b".utf8),
      [0xC3, 0x28], [0xFF], [0xFF, 0x2F, 0xFF], most, deep,
    ]
    #expect(catalogue.put(paths.map { Samples.file($0) }))
    #expect(catalogue.paths() == paths.sorted { TreePath.precedes($0, $1) })
    #expect(catalogue.rows().count == paths.count)
    #expect(catalogue.paths(below: [[0xFF]]) == [[0xFF], [0xFF, 0x2F, 0xFF]])
    #expect(catalogue.paths(below: [Array("a".utf8)]) == [Array("a".utf8), Array("a/b".utf8)])
  }

  @Test func removesSinglePathsAndWholeFolders() {
    let catalogue = Catalogue(path: path)
    let names = ["a", "a.txt", "a/b", "a/b/c", "a/d", "b"]
    #expect(catalogue.put(names.map { Samples.file($0) }))
    var writer = catalogue.writer()
    writer.remove([Array("a/b".utf8), Array("missing".utf8)])
    writer.finish()
    #expect(catalogue.paths() == ["a", "a/b/c", "a/d", "a.txt", "b"].map { Array($0.utf8) })
    writer.put(Samples.file("a/late"))
    writer.removeAll(below: [Array("a".utf8)])
    #expect(catalogue.paths() == ["a.txt", "b"].map { Array($0.utf8) })
    writer.put(Samples.file("c"))
    writer.remove([Array("c".utf8)])
    writer.put(Samples.file("b", number: 9))
    writer.finish()
    #expect(!writer.hasFailed)
    #expect(catalogue.rows() == [Samples.file("a.txt"), Samples.file("b", number: 9)])
  }

  @Test(arguments: [true, false])
  func remembersTheSnapshotOfASetOfRoots(onDisk: Bool) {
    let catalogue = Catalogue(path: onDisk ? path : nil)
    let (a, b) = (Array("a".utf8), Array("b/c".utf8))
    #expect(catalogue.lastSnapshot(of: [a, b]) == nil)
    catalogue.setLastSnapshot("00ff", of: [b, a])
    #expect(catalogue.lastSnapshot(of: [a, b]) == "00ff")
    #expect(catalogue.lastSnapshot(of: [a, b, Array("a/x".utf8)]) == "00ff")
    #expect(catalogue.lastSnapshot(of: [a]) == nil)
    catalogue.setLastSnapshot("0123", of: [a, b])
    catalogue.setLastSnapshot("4567", of: [[]])
    #expect(catalogue.lastSnapshot(of: [a, b]) == "0123")
    catalogue.setLastSnapshot(nil, of: [a, b])
    #expect(catalogue.lastSnapshot(of: [a, b]) == nil)
    #expect(catalogue.lastSnapshot(of: [[]]) == "4567")
  }
}
