// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SnapFormat

/// Every file of Tests/Vectors through the decoder of its section.
@Suite struct VectorTests {
  @Test(arguments: VectorFiles.of(.keys)) func keys(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.crc32c)) func crc32c(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.padding)) func padding(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.gear)) func gear(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.chunker)) func chunker(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.order)) func order(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.recovery)) func recovery(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.marker)) func marker(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.ring)) func ring(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.slot)) func slot(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.sealed)) func sealed(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.blob)) func blob(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.pack)) func pack(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.index)) func index(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.conf)) func configuration(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.message)) func message(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.node)) func node(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.list)) func list(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.media)) func media(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.snapshot)) func snapshot(file: VectorFile) { check(file) }
  @Test(arguments: VectorFiles.of(.tombstone)) func tombstone(file: VectorFile) { check(file) }

  private func check(_ file: VectorFile) {
    let outcome = VectorOutcome.of(file)
    #expect(outcome.said == file.expect, "\(file.name)")
    #expect(outcome.problems == [], "\(file.name)")
  }

  @Test func everySectionAndEveryFileIsRun() throws {
    let files = try VectorFiles.loaded.get()
    #expect(files.map(\.name) == (try VectorFiles.names()))
    var passed = 0
    var failed = 0
    for section in VectorSection.allCases {
      let own = VectorFiles.of(section)
      #expect(own.contains { $0.mustPass }, "nothing of \(section) must pass")
      for file in own {
        let outcome = VectorOutcome.of(file)
        if outcome.said == "ok" { passed += 1 } else { failed += 1 }
      }
    }
    #expect(passed + failed == files.count)
    #expect(passed > 0)
    #expect(failed >= 3 * passed, "\(failed) vectors that must fail, \(passed) that must pass")
    let reasons = Set(files.map(\.expect))
    let never: Set<FormatError.Code> = [.notCanonical, .library]
    for code in FormatError.Code.allCases where !never.contains(code) {
      #expect(reasons.contains(code.rawValue), "no vector fails with \(code.rawValue)")
    }
  }
}
