// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFormat
import SnapTesting
import Testing

@Suite struct ConcurrencyTests {
  let folder: TemporaryDirectory
  var path: String { folder.file("catalogue.sqlite") }

  init() throws { folder = try TemporaryDirectory() }

  private func rows(_ prefix: String, _ count: Int, number: Int = 0) -> [CataloguedEntry] {
    (0..<count).map { Samples.file("\(prefix)/\(100_000 + $0)", number: number) }
  }

  @Test(arguments: [true, false])
  func anOpenCursorDoesNotSeeWhatIsWritten(onDisk: Bool) {
    let catalogue = Catalogue(path: onDisk ? path : nil)
    let old = rows("x", 9_000)
    #expect(catalogue.put(old))
    var cursor = catalogue.cursor(below: [[]])
    var writer = catalogue.writer()
    var seen: [CataloguedEntry] = []
    while let row = cursor.next() {
      if let decoded = row.decoded() { seen.append(decoded) }
      // Some rows behind the cursor change, some go, some are new.
      switch seen.count % 3 {
      case 0: writer.put(Samples.file(old[8_999 - seen.count / 2].entry.path, number: 4))
      case 1: writer.remove([old[8_999 - seen.count / 2].entry.path])
      default: writer.put(Samples.file("x/2\(seen.count)"))
      }
      if seen.count == 4_500 { writer.finish() }
    }
    writer.removeAll(below: [[]])
    #expect(!writer.hasFailed)
    #expect(seen == old)
    #expect(catalogue.isEmpty(below: [[]]))
    #expect(cursor.next()?.path == nil)
  }

  @Test func aReaderAndAWriterWorkAtTheSameTime() async {
    let catalogue = Catalogue(path: path)
    let first = rows("x", 3_000)
    #expect(catalogue.put(first))
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        var writer = catalogue.writer()
        for number in 1...5 { writer.put(rows("x", 3_000, number: number)) }
        writer.finish()
        return !writer.hasFailed
      }
      group.addTask {
        var isWhole = true
        for _ in 0..<10 {
          let seen = catalogue.rows()
          isWhole = isWhole && seen.map(\.entry.path) == first.map(\.entry.path)
        }
        return isWhole
      }
      for await result in group { #expect(result) }
    }
    #expect(catalogue.rows() == rows("x", 3_000, number: 5))
  }

  @Test func twoCataloguesOnOneFileBothWork() async {
    let path = path
    await withTaskGroup(of: Bool.self) { group in
      for name in ["a", "b"] {
        group.addTask {
          let catalogue = Catalogue(path: path)
          let mine = rows(name, 10_000)
          return catalogue.isOnDisk && catalogue.put(mine)
            && catalogue.rows(below: [Array(name.utf8)]) == mine
        }
      }
      for await result in group { #expect(result) }
    }
    let both = rows("a", 10_000) + rows("b", 10_000)
    #expect(Catalogue(path: path).paths() == both.map(\.entry.path))
  }

  @Test func whatOneWritesTheOtherSees() {
    let (one, two) = (Catalogue(path: path), Catalogue(path: path))
    #expect(one.isOnDisk && two.isOnDisk)
    #expect(one.put([Samples.file("a")]))
    #expect(two.put([Samples.file("b")]))
    #expect(one.rows() == [Samples.file("a"), Samples.file("b")])
    #expect(two.rows() == one.rows())
  }
}
