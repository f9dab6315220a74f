// SPDX-License-Identifier: Apache-2.0
import SnapFormat
import Testing

@testable import SnapFiles

struct FilterPatternTests {
  /// Says whether the pattern names the path; one that ends in '/' is a directory.
  private func matches(_ pattern: String, _ path: String) throws -> Bool {
    let isDirectory = path.hasSuffix("/")
    let bytes = Array(path.utf8.dropLast(isDirectory ? 1 : 0))
    let nameStart = (bytes.lastIndex(of: 0x2F) ?? -1) + 1
    return try FilterPattern(pattern)
      .matches(bytes.span, base: 0, nameStart: nameStart, isDirectory: isDirectory)
  }

  @Test(arguments: [
    ("foo", "foo"), ("foo", "a/foo"), ("foo", "a/b/foo/"), ("/foo", "foo"), ("foo/", "foo/"),
    ("foo/", "a/foo/"), ("a/foo", "a/foo"), ("/a/foo", "a/foo"), ("a/b/", "a/b/"),
    ("*.c", "x.c"), ("*.c", "d/.c"), ("*", "anything"), ("*", "a/b"), ("a*c", "abc"),
    ("a*c", "ac"), ("a*b*c", "aXbYbZc"), ("*a*", "bab"), ("?", "x"), ("a?c", "d/abc"),
    ("a/*", "a/b"), ("a/*/c", "a/b/c"), ("*/foo", "a/foo"), ("a/*.c", "a/x.c"),
    ("**", "a/b"), ("**/foo", "foo"), ("**/foo", "a/b/foo"), ("a/**", "a/b"),
    ("a/**", "a/b/c"), ("a/**/z", "a/z"), ("a/**/z", "a/b/c/z"), ("**/a/**/z", "x/a/y/a/z"),
    ("/**", "x"), ("**/a/b", "a/a/b"), ("a/**/b/**/c", "a/b/b/x/c"), ("x**y", "xzzy"),
    ("a/x**y", "a/xzzy"), ("[abc]", "b"), ("[a-c]x", "cx"), ("[!a-c]", "d"), ("[^a]", "b"),
    ("[]]", "]"), ("[!]]", "x"), ("[]-]", "-"), ("[a-]", "-"), ("[-a]", "-"), ("[[:digit:]]", "7"),
    ("[[:upper:][:space:]]", "\t"), ("[\\]]", "]"), ("[\\\\]", "\\"), ("[[:]", ":"),
    ("[a-\\c]", "b"), ("[[]", "["), ("\\*", "*"), ("\\!x", "!x"), ("\\#x", "#x"), ("#x", "#x"),
    ("a\\/b", "a/b"), ("x ", "x "), ("ü*", "übung"), ("a/[b/c]", "a/b"), ("***", "x"),
    ("a/***/b", "a/x/y/b"), (".*", ".hidden"), ("*.tar.*", "x.tar.gz"),
  ])
  func names(_ pattern: String, _ path: String) throws {
    #expect(try matches(pattern, path))
  }

  @Test(arguments: [
    ("foo", "food"), ("foo", "foo/bar"), ("/foo", "a/foo"), ("foo/", "foo"), ("a/foo", "x/a/foo"),
    ("a/foo", "foo"), ("*.c", "x.cc"), ("a*c", "ab"), ("a*b*c", "aXcYb"), ("?", "xy"),
    ("a?c", "ac"), ("a/*", "a/b/c"), ("a/*/c", "a/c"), ("*/foo", "foo"), ("*/foo", "a/b/foo"),
    ("/*", "a/b"), ("a/**", "a"), ("a/**", "a/"), ("a/**/z", "a/bz"), ("**/foo", "xfoo"),
    ("a/x**y", "a/xz/zy"), ("[abc]", "d"), ("[a-c]", "C"), ("[!a-c]", "b"), ("[!a]", ""),
    ("[c-a]", "b"), ("[[:digit:]]", "x"), ("[!/]", "/"), ("\\*", "x"), ("\\a", "\\a"),
    ("x ", "x"), ("Foo", "foo"), ("a//b", "a/b"), ("?", "ü"), ("a/?/b", "a/xy/b"),
    ("*a*b", "ba"), ("a/[!b]c", "a/bc"),
  ])
  func namesNot(_ pattern: String, _ path: String) throws {
    #expect(try !matches(pattern, path))
  }

  @Test(arguments: [
    "", "!", "/", "!/", "[a", "[", "[!", "[]", "x\\", "foo\\/", "[[:none:]]", "[[:alpha:", "a\0b",
    "[a-\\",
  ])
  func refuses(_ pattern: String) {
    let error = #expect(throws: FilterError.self) { try FilterPattern(pattern) }
    #expect(error?.line == 1)
    #expect(error?.pattern == Array(pattern.utf8))
  }

  @Test func readsFiles() throws {
    let text = "\u{FEFF}# comment\n\n   \nplain  \nkept\\ \ntab\t\r\n\\# no comment\n!not\r\nlast"
    let patterns = try FilterPattern.parse(Array(text.utf8))
    #expect(
      patterns.map { String(decoding: $0.text, as: UTF8.self) } == [
        "plain", "kept\\ ", "tab\t", "\\# no comment", "!not", "last",
      ])
    #expect(patterns.map(\.isNegated) == [false, false, false, false, true, false])
    #expect(try FilterPattern.parse([]).isEmpty)
    #expect(try FilterPattern.parse(Array("\r\n".utf8)).isEmpty)
  }

  @Test func namesTheLineThatIsWrong() {
    let error = #expect(throws: FilterError.self) {
      try FilterPattern.parse(Array("a\n# b\n\n  c[\nd[\n".utf8))
    }
    #expect(error?.line == 4)
    #expect(error?.description == "line 4:   c[: a [ without its ]")
    let (patterns, errors) = FilterPattern.parseAll(Array("a\n[\n!\nb".utf8))
    #expect(patterns.count == 2)
    #expect(errors.map(\.line) == [2, 3])
  }

  @Test func readsAnyBytesWithoutTrapping() {
    var random = ScratchRandom(seed: 7)
    let letters = Array("[]!^-\\*?/:#ab \r\n".utf8) + [0, 0xFF]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...12, using: &random)
      let text = (0..<count).map { _ in random.pick(letters) }
      let (patterns, errors) = FilterPattern.parseAll(text)
      let lines = text.split(separator: 0x0A).count
      #expect(patterns.count + errors.count <= lines)
      let path = Array("ab/a-b".utf8)
      for pattern in patterns {
        let isNamed = pattern.matches(path.span, base: 0, nameStart: 3, isDirectory: false)
        if pattern.isDirectoryOnly { #expect(!isNamed) }
        #expect(pattern.rebased(at: Array("ab".utf8))?.text.count ?? 0 < pattern.text.count)
      }
    }
  }

  @Test func findsAbsolutePlaces() throws {
    func rebased(_ pattern: String, _ root: String) throws -> String? {
      try FilterPattern(pattern).rebased(at: Array(root.utf8))
        .map { String(decoding: $0.text, as: UTF8.self) }
    }
    #expect(try rebased("/home/me/x", "home/me") == "/x")
    #expect(try rebased("!/home/me/*.c/", "home/me") == "!/*.c/")
    #expect(try rebased("/home/a\\*b/x", "home/a*b") == "/x")
    for pattern in ["/home/me", "/home/me/", "home/me/x", "/home/mean/x", "/home/*/x", "/x", "*"] {
      #expect(try rebased(pattern, "home/me") == nil)
    }
    #expect(try rebased("/x", "") == nil)
  }

  @Test func doesNotTakeForEver() throws {
    let stars = String(repeating: "*a", count: 40) + "b"
    #expect(try !matches(stars, String(repeating: "a", count: 250)))
    let depths = String(repeating: "**/a/", count: 40) + "b"
    #expect(try !matches(depths, String(repeating: "a/", count: 1000) + "c"))
  }
}
