// SPDX-License-Identifier: Apache-2.0

import SnapStorage
import Testing

struct ObjectNameTests {
  static let hex = String(repeating: "0123456789abcdef", count: 4)

  @Test(arguments: [
    "SNAP-REPOSITORY", "keys/0123456789abcdef", "data/01/\(hex)", "mirror/tree/01/\(hex)",
    "tmp/reserve", "a", "a/b/c/d", "...", "a..b", ".hidden", "-", "_", "A-Z_0.9",
    String(repeating: "x", count: 200),
  ])
  func goodNameIsTaken(_ text: String) throws {
    #expect(try ObjectName(text).text == text)
  }

  @Test(arguments: [
    "", "/", "//", "/snap", "snap/", "snap//a", ".", "..", "./a", "../a", "a/.", "a/..",
    "a/./b", "a/../b", "snap/../../etc/passwd", "a b", "a\n", "a\0", "\0", "a\\b", "a:b", "a+b",
    "a%2e", "~", "a*", "a?", "é", "e\u{301}", "a/\u{2024}\u{2024}/b", "\u{ff0f}a", "\u{202e}a",
    String(repeating: "x", count: 201), String(repeating: "a/", count: 100) + "ab",
  ])
  func badNameIsRefused(_ text: String) {
    let error = #expect(throws: BackendError.self) { try ObjectName(text) }
    #expect(error?.code == .invalidName)
    #expect((error?.description.utf8.count ?? 0) < 1000)
  }

  @Test func partsAreSplitAtTheLastSlash() throws {
    let deep = try ObjectName("mirror/tree/ab")
    #expect(deep.folder == "mirror/tree")
    #expect(deep.leaf == "ab")
    let top = try ObjectName("top")
    #expect(top.folder == "")
    #expect(top.leaf == "top")
  }

  @Test func orderIsThatOfBytes() throws {
    let texts = ["a", "B", "a/b", "a-b", "_"]
    let sorted = try texts.map { try ObjectName($0) }.sorted()
    #expect(sorted.map(\.text) == ["B", "_", "a", "a-b", "a/b"])
  }
}
