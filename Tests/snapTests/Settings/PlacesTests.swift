// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import snap

@Suite struct PlacesTests {
  @Test func homeIsTheDefault() throws {
    let places = try Places(World().environment())
    #expect(places.configFile == "/home/ann/.config/snap/config.toml")
    #expect(places.embeddedRepository == "/home/ann/.local/share/snap/repository")
    #expect(places.recoveryKeyFile == "/home/ann/.local/share/snap/recovery-key.txt")
    #expect(places.state == "/home/ann/.local/state/snap")
    #expect(places.cache == "/home/ann/.cache/snap")
  }

  @Test func variablesAndOptionsWin() throws {
    let environment = World().environment([
      "XDG_DATA_HOME": "/d/", "XDG_CONFIG_HOME": "relative", "SNAP_CACHE_DIR": "c",
      "SNAP_STATE_DIR": "/s/../t", "SNAP_CONFIG": "~/x.toml",
    ])
    let places = try Places(environment)
    #expect(places.data == "/d/snap")
    #expect(places.config == "/home/ann/.config/snap")
    #expect(places.cache == "/work/here/c")
    #expect(places.state == "/t")
    #expect(places.configFile == "/home/ann/x.toml")
    let other = try Places(environment, configFile: "/o.toml", cache: "/oc")
    #expect(other.configFile == "/o.toml" && other.cache == "/oc")
  }

  @Test func rootWithoutHomeIsTheSystem() throws {
    var environment = World().environment()
    environment.isRoot = true
    #expect(try Places(environment).config == "/home/ann/.config/snap")
    environment.variables["HOME"] = nil
    #expect(try Places(environment).configFile == "/etc/snap/config.toml")
    #expect(try Places(environment).data == "/var/lib/snap")
  }

  @Test func directoriesBelongToOneUser() throws {
    let scratch = try Scratch()
    let places = try Places(World().environment(home: scratch.path))
    try places.make(places.credentials)
    try places.make(places.credentials)
    #expect(scratch.mode(".local/share/snap/credentials") == 0o700)
    #expect(scratch.mode(".local/share") == 0o700)
    let file = try scratch.write("file", "x")
    #expect(try failure { () throws(Failure) in try places.make(file) }.exit == 1)
    #expect(try failure { () throws(Failure) in try places.make(file + "/x") }.exit == 1)
  }

  @Test(arguments: [
    ("/a/./b/../c//d", "/a/c/d"), ("/", "/"), ("/..", "/"), ("x", "/w/x"), ("../x", "/x"),
    ("~/x", "/h/x"), ("~", "/h"), ("~x", "/w/~x"), ("", "/w"),
  ])
  func paths(_ typed: String, _ expected: String) {
    #expect(PathText.absolute(typed, from: "/w", home: "/h") == expected)
  }

  @Test func shortAndParent() {
    #expect(PathText.short("/home/ann/x", home: "/home/ann") == "~/x")
    #expect(PathText.short("/home/anna", home: "/home/ann") == "/home/anna")
    #expect(PathText.short("/home/ann", home: "/home/ann") == "~")
    #expect(PathText.parent("/a/b") == "/a" && PathText.parent("/") == "/")
    #expect(PathText.last("/a/b/") == "b" && PathText.last("/") == "/")
  }

  @Test func filesAreReplacedWholeAndNeverOverwritten() throws {
    let scratch = try Scratch()
    let path = try scratch.write("a", "old", mode: 0o644)
    try PrivateFile.replace(path, with: Array("new".utf8))
    #expect(try scratch.read("a") == "new")
    #expect(scratch.mode("a") == 0o600)
    #expect(try !PrivateFile.createNew(path, with: [1]))
    #expect(try scratch.read("a") == "new")
    #expect(try PrivateFile.createNew(scratch.path + "/b", with: [65]))
    #expect(scratch.mode("b") == 0o600)
    #expect(try PrivateFile.read(scratch.path + "/none") == nil)
  }

  @Test func aLinkIsFollowedWhenReplacing() throws {
    let scratch = try Scratch()
    let real = try scratch.write("real", "old")
    #expect(unsafe symlink(real, scratch.path + "/link") == 0)
    try PrivateFile.replace(scratch.path + "/link", with: Array("new".utf8))
    #expect(try scratch.read("real") == "new")
    var facts = stat()
    #expect(unsafe lstat(scratch.path + "/link", &facts) == 0)
    #expect(facts.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func openSecretsAreRefused() throws {
    let scratch = try Scratch()
    for mode in [0o640, 0o604, 0o660] {
      let path = try scratch.write("k\(mode)", "x", mode: mode)
      let failure = try failure { () throws(Failure) in
        _ = try PrivateFile.read(path, secret: true)
      }
      #expect(failure.exit == 2)
    }
    let good = try scratch.write("good", "x")
    #expect(try PrivateFile.read(good, secret: true) == [120])
    let big = try scratch.write("big", String(repeating: "x", count: PrivateFile.limit + 1))
    #expect(try failure { () throws(Failure) in _ = try PrivateFile.read(big) }.exit == 2)
  }
}
