// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import snap

@Suite struct RepositoryChoiceTests {
  private let configuration = (
    text: "default-remote = \"nas\"\n[remote.nas]\nurl = \"/n\"\n[remote.s]\nurl = \"s3://b/p\"\n",
    path: "/home/ann/.config/snap/config.toml"
  )

  private func resolve(
    _ option: String?, _ variables: [String: String] = [:], configured: Bool = true
  ) throws(Failure) -> RepositoryChoice {
    let environment = World().environment(variables)
    let file = try ConfigurationFile(
      path: configuration.path, text: configured ? configuration.text : "")
    return try .resolve(
      option: option, environment: environment, configuration: file,
      places: Places(environment))
  }

  @Test func theOrderIsKept() throws {
    let local = RepositoryAddress(path: "/o")
    let all = ["SNAP_REPO": "/e"]
    #expect(try resolve("/o", all) == .named(address: local, name: nil, source: .option))
    let variable = try resolve(nil, all)
    #expect(
      variable
        == .named(address: RepositoryAddress(path: "/e"), name: nil, source: .environment))
    let stored = try resolve(nil)
    #expect(
      stored
        == .named(address: RepositoryAddress(path: "/n"), name: "nas", source: .configuration))
    #expect(stored.label == "nas")
    let nothing = try resolve(nil, configured: false)
    #expect(nothing == .embeddedDefault(path: "/home/ann/.local/share/snap/repository"))
    #expect(nothing.address.localPath == "/home/ann/.local/share/snap/repository")
  }

  @Test(
    arguments: [
      ("s", "s3://b/p", "s"), ("./x", "/work/here/x", nil), ("../x/", "/work/x", nil),
      ("a/b", "/work/here/a/b", nil), (".", "/work/here", nil), ("~/x", "/home/ann/x", nil),
      ("file:///a%20b/c", "/a b/c", nil), ("FILE:///x", "/x", nil),
      ("file://localhost/x", "/x", nil), ("s3://h:9000/b/a@b", "s3://h:9000/b/a@b", nil),
      ("webdav://h/p", "webdav://h/p", nil),
      ("s3+http://localhost/b", "s3+http://localhost/b", nil),
      ("/n", "/n", "nas"),
    ] as [(String, String, String?)])
  func addresses(_ typed: String, _ text: String, _ name: String?) throws {
    guard case .named(let address, let found, .option) = try resolve(typed) else {
      Issue.record("not named")
      return
    }
    #expect(address.text == text)
    #expect(found == name)
    #expect((address.localPath == nil) == text.contains("://"))
  }

  @Test(arguments: [
    "nsa", "", "ftp://x/y", "file://host/x", "file://", "file:///%zz", "s3://", "s3:///b",
    "webdav:///x", "s3://KEY:topsecret@host/bucket", "webdav://ann:topsecret@h/p",
    "webdav://topsecret@h", "file://topsecret@/x", "s3://a@b:topsecret@h/x",
  ])
  func refused(_ typed: String) throws {
    let failure = try failure { () throws(Failure) in _ = try resolve(typed) }
    #expect(failure.exit == 2 && failure.slug == "usage")
    #expect(!failure.lines().joined().contains("topsecret"))
    #expect(!failure.tries.isEmpty)
  }

  @Test func theLineToTypeIsShown() throws {
    let secret = try failure { () throws(Failure) in _ = try resolve("s3://K:S@host:9000/b/x") }
    #expect(secret.tries.first?.command == "snap init s3://host:9000/b/x")
    let near = try failure { () throws(Failure) in _ = try resolve("nsa") }
    #expect(near.tries.first?.command == "snap snapshots --repo nas")
  }

  @Test func emptyVariableIsRefused() throws {
    let failure = try failure { () throws(Failure) in _ = try resolve(nil, ["SNAP_REPO": ""]) }
    #expect(failure.exit == 2)
  }

  @Test(
    arguments: [
      ("exlude", ["exclude", "include"], "exclude"), ("remtoe", ["remote", "remove"], "remote"),
      ("xyzzy", ["remote", "url"], nil),
    ] as [(String, [String], String?)])
  func nearest(_ word: String, _ candidates: [String], _ expected: String?) {
    #expect(NearestText.nearest(to: word, in: candidates).first == expected)
  }
}
