// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnapFormat
import Testing

@testable import snap

@Suite struct TextTests {
  @Test(arguments: [
    ("plain é 日本", "plain é 日本"), ("a\u{1B}[31mb", "a\\x1b[31mb"), ("a\nb\t", "a\\x0ab\\x09"),
    ("\u{7F}", "\\x7f"), ("\u{9B}2J", "\\xc2\\x9b2J"),
    ("x\u{202E}gpj.exe", "x\\xe2\\x80\\xaegpj.exe"),
    ("\u{2066}\u{2069}", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"), ("\u{0}", "\\x00"),
    ("a\u{308}", "a\u{308}"), ("\u{1F600}", "\u{1F600}"), ("", ""),
    ("\u{E0041}", "\\xf3\\xa0\\x81\\x81"),
  ])
  func textIsMadeHarmless(_ text: String, _ expected: String) {
    #expect(EscapedText.printable(text) == expected)
    #expect(EscapedText.printable(Array(text.utf8)) == expected)
  }

  @Test(
    arguments: [
      ([0x61, 0xFF, 0x62], "a\\xffb"), ([0xC3], "\\xc3"), ([0xC3, 0x28], "\\xc3("),
      ([0xE2, 0x82], "\\xe2\\x82"), ([0xC0, 0x80], "\\xc0\\x80"),
      ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"),
      ([0xF4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"), ([0x80, 0x9B], "\\x80\\x9b"),
      ([0xE2, 0x82, 0xC3, 0xA9], "\\xe2\\x82é"),
    ] as [([UInt8], String)])
  func bytesThatAreNotTextAreShown(_ bytes: [UInt8], _ expected: String) {
    #expect(EscapedText.printable(bytes) == expected)
  }

  @Test func noControlByteEverPasses() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...40)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let shown = EscapedText.printable(bytes)
      #expect(!shown.unicodeScalars.contains(where: EscapedText.isDangerous), "\(bytes)")
      #expect(!shown.unicodeScalars.contains("\u{FFFD}"))
    }
  }

  @Test(
    arguments: [
      ("pass show backup", ["pass", "show", "backup"]), ("  a\t b ", ["a", "b"]),
      ("'a b' \"c d\"", ["a b", "c d"]), ("a\\ b", ["a b"]), ("''", [""]), ("a'b'\"c\"", ["abc"]),
      ("\"a\\\"b\\n\"", ["a\"b\\n"]), ("'a\\b'", ["a\\b"]),
      ("$HOME `x` ; |", ["$HOME", "`x`", ";", "|"]),
      ("", []), ("'open", nil), ("\"open", nil), ("a\\", nil), ("\"a\\\"", nil),
    ] as [(String, [String]?)])
  func words(_ text: String, _ expected: [String]?) {
    #expect(ShellWords.split(text) == expected)
  }

  @Test(arguments: [
    ("abc/d.e", "abc/d.e"), ("a b", "'a b'"), ("", "''"), ("it's", "'it'\\''s'"), ("$x", "'$x'"),
    ("~/x", "~/x"), ("~x", "'~x'"), ("a\nb", "$'a\\x0ab'"), ("é", "é"), ("s3://b/p", "s3://b/p"),
    ("a\u{1B}'\\", "$'a\\x1b\\'\\\\'"),
  ])
  func quoting(_ word: String, _ expected: String) {
    #expect(ShellWords.quote(word) == expected)
  }

  @Test func quotedWordsComeBack() {
    for word in ["a b", "it's", "\"", "\\", "$x `y`", "a'b'c", "", "x\"y'z\\"] {
      #expect(ShellWords.split(ShellWords.quote(word)) == [word])
    }
  }

  @Test func widths() {
    #expect(TextWidth.columns("abc") == 3 && TextWidth.columns("日本") == 4)
    #expect(TextWidth.columns("a\u{308}") == 1)
    #expect(TextWidth.clip("abcdef", to: 4) == "abc…")
    #expect(TextWidth.clip("日本語", to: 4) == "日…")
    #expect(TextWidth.clip("abc", to: 3) == "abc" && TextWidth.clip("abc", to: 0) == "")
    let middle = TextWidth.clipMiddle("2023/06/some/long/IMG_0231.CR3", to: 18)
    #expect(TextWidth.columns(middle) <= 18 && middle.hasSuffix("MG_0231.CR3"))
  }

  @Test func tablesAreAligned() {
    var table = Table([("ID", .left), ("files", .right), ("state", .left)])
    table.add(["4f1c2a9e", "5", "ok"])
    table.add(["日本", "4909"])
    table.add(["x", "1", "2", "too many"])
    #expect(
      table.lines() == [
        " ID        files  state", " 4f1c2a9e      5  ok", " 日本       4909", " x             1  2",
      ])
  }

  @Test func jsonIsWhatAParserReads() throws {
    var line = JSONLine(type: "entry")
    line.add("text", "a\"b\\c\n\u{1}\u{7F}\u{9B}\u{202E}é\u{E0041}")
    line.add("int", -5)
    line.add("big", UInt64.max)
    line.add("double", 724.5)
    line.add("nan", Double.nan)
    line.add("yes", true)
    line.add("none", String?.none)
    line.add("list", ["a", "b"])
    var inner = JSONLine()
    inner.add("get", 3)
    line.add("inner", inner)
    line.add("time", FileTime(seconds: 0))
    line.addPath([0x61, 0xFF])
    #expect(!line.text.unicodeScalars.contains(where: EscapedText.isDangerous))
    #expect(line.text.hasPrefix("{\"type\":\"entry\",\"text\":"))
    let data = Data(line.text.utf8)
    let parsed = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(parsed["text"] as? String == "a\"b\\c\n\u{1}\u{7F}\u{9B}\u{202E}é\u{E0041}")
    #expect(parsed["int"] as? Int == -5)
    #expect(parsed["big"] as? UInt64 == UInt64.max)
    #expect(parsed["double"] as? Double == 724.5)
    #expect(parsed["nan"] == nil && parsed["none"] == nil)
    #expect(parsed["yes"] as? Bool == true)
    #expect(parsed["list"] as? [String] == ["a", "b"])
    #expect((parsed["inner"] as? [String: Int]) == ["get": 3])
    #expect(parsed["path"] as? String == "a\u{FFFD}")
    #expect(parsed["path_bytes"] as? String == "Yf8=")
    var good = JSONLine()
    good.addPath(Array("a/é".utf8))
    #expect(good.text == "{\"path\":\"a/é\"}")
  }
}
