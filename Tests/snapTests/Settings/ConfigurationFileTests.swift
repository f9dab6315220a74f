// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import snap

@Suite struct ConfigurationFileTests {
  private func parse(_ text: String) throws(Failure) -> ConfigurationFile {
    try ConfigurationFile(path: "/c/config.toml", text: text)
  }

  @Test func readsRemotes() throws {
    let file = try parse(
      """
      # mine
      version = 1
      default-remote = "nas" # the one at home

      [remote.nas]
      url = "webdav://nas.local/backup"
      [remote."disk.2"]
      url = '/mnt/disk'
      """)
    #expect(file.defaultRemote == "nas")
    #expect(file.remotes == ["nas": "webdav://nas.local/backup", "disk.2": "/mnt/disk"])
    #expect(try parse("").remotes.isEmpty)
    #expect(try parse("remote = { a = { url = \"/x\" } }").remotes == ["a": "/x"])
  }

  @Test(arguments: [
    ("version = 1\nexlude = [\"x\"]", 2, "exlude", "valid here"),
    ("version = 1\ndefault-remot = \"x\"", 2, "default-remot", "`default-remote`"),
    ("[remote.a]\nurl = \"/x\"\nurk = 1\n", 3, "urk", "`url`"),
    ("\n\n[remotes.a]\nurl = \"/x\"", 3, "remotes", "`remote`"),
    ("[remote]\na.url = \"/x\"\na.uri = \"/x\"", 3, "uri", "`url`"),
    ("version = 1\n\"strange key\" = 1", 2, "strange key", "valid here"),
    ("[remote.a]\nurl = \"/x\"\n[profile.x]\nurl = 1", 3, "profile", "valid here"),
  ])
  func unknownKeysAreNamed(_ text: String, _ line: Int, _ key: String, _ hint: String) throws {
    let failure = try failure { () throws(Failure) in _ = try parse(text) }
    #expect(failure.exit == 2 && failure.slug == "config")
    #expect(failure.title == "config.toml line \(line): unknown key `\(key)`")
    #expect(failure.lines().joined(separator: "\n").contains(hint))
  }

  @Test(arguments: [
    ("version = 2", "line 1"), ("version = \"1\"", "line 1"), ("version = 1\nx = = 1", "line 2"),
    ("version = 1\ndefault-remote = \"gone\"", "line 2"), ("default-remote = 5", "line 1"),
    ("[remote.a]\nurl = 5", "line 2"), ("[remote.a]\nurl = \"\"", "line 2"),
    ("\n[remote.a]", "line 2"), ("remote = 3", "line 1"), ("[remote]\na = 3", "line 2"),
    ("[remote.BIG]\nurl = \"/x\"", "line 1"), ("a = \"open", "line 1"),
    ("version = 1\nversion = 1", "line 2"),
  ])
  func wrongValuesAreNamed(_ text: String, _ place: String) throws {
    let failure = try failure { () throws(Failure) in _ = try parse(text) }
    #expect(failure.exit == 2 && failure.slug == "config")
    #expect(failure.title.contains(place), "\(failure.title)")
  }

  @Test func addingKeepsEveryOtherByte() throws {
    let text = "# top\n\nversion = 1   # one\n# nas:\n[remote.nas]\nurl = \"/n\"  # x\n# end"
    let edited = try parse(text).adding(remote: "photos", url: "/p", makeDefault: true)
    #expect(
      edited.text
        == "# top\n\nversion = 1   # one\ndefault-remote = \"photos\"\n# nas:\n[remote.nas]\n"
        + "url = \"/n\"  # x\n# end\n\n[remote.photos]\nurl = \"/p\"\n")
    #expect(edited.defaultRemote == "photos" && edited.remotes["photos"] == "/p")
  }

  @Test(arguments: [
    "", "# only a comment", "version = 1", "version = 1\r\n\r\n[remote.a]\r\nurl = \"/a\"\r\n",
    "[remote.a]\nurl = \"/a\"", "# c\n[remote.a]\nurl = \"\"\"/a\"\"\"\n", "\u{FEFF}version = 1\n",
  ])
  func addingWorksOnAnyForm(_ text: String) throws {
    let before = try parse(text)
    let after = try before.adding(remote: "new.one", url: "/a \"b\\\u{7}", makeDefault: true)
    #expect(after.remotes["new.one"] == "/a \"b\\\u{7}")
    #expect(after.defaultRemote == "new.one")
    #expect(try parse(after.text).remotes == after.remotes)
    #expect(try after.adding(remote: "new.one", url: "/a \"b\\\u{7}", makeDefault: true) == after)
  }

  @Test func addingRefusesConflicts() throws {
    let file = try parse("version = 1\ndefault-remote = \"a\"\n[remote.a]\nurl = \"/a\"\n")
    let conflict = try failure { () throws(Failure) in
      _ = try file.adding(remote: "a", url: "/b", makeDefault: false)
    }
    #expect(conflict.exit == 2)
    #expect(conflict.tries.first?.command == "snap init /b --name a-2")
    for name in ["", "A", "-a", ".a", "a b", "a/b", "é", String(repeating: "a", count: 65)] {
      let wrong = try failure { () throws(Failure) in
        _ = try file.adding(remote: name, url: "/b", makeDefault: false)
      }
      #expect(wrong.exit == 2)
    }
    #expect(try file.adding(remote: "b", url: "/b", makeDefault: true).defaultRemote == "a")
    let closed = try parse("remote = { a = { url = \"/x\" } }")
    let form = try failure { () throws(Failure) in
      _ = try closed.adding(remote: "b", url: "/b", makeDefault: false)
    }
    #expect(form.slug == "config")
  }

  @Test func writesPrivately() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/new/config.toml"
    let empty = try ConfigurationFile.read(path)
    try empty.adding(remote: "a", url: "/a", makeDefault: true).write()
    #expect(scratch.mode("new/config.toml") == 0o600)
    #expect(try ConfigurationFile.read(path).defaultRemote == "a")
    let binary = try scratch.write("bad.toml", "a\0b")
    #expect(
      try failure { () throws(Failure) in _ = try ConfigurationFile.read(binary) }.exit == 2)
  }

  @Test(arguments: [
    ("/mnt/disk/Backup", "backup"), ("s3://bucket", "bucket"), ("/x/Meine Fotos!", "meine-fotos"),
    ("/", "backup"), ("/x/___", "backup"), ("/x/nas", "nas-3"),
  ])
  func namesAreSuggested(_ address: String, _ name: String) {
    let suggested = RemoteName.suggested(for: address, taken: ["nas", "nas-2"])
    #expect(suggested == name)
    #expect(RemoteName.isValid(suggested))
  }
}
