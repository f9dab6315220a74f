// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapRepository
import SnapTesting
import Testing

@testable import SnapOperations

@Suite struct SnapshotNameTests {
  @Test(
    arguments: [
      ("latest", "latest", nil), ("latest~2", "latest~2", nil), ("latest:a/b", "latest", "a/b"),
      ("0123abcd", "0123abcd", nil), ("0123ABCD:/x:y", "0123ABCD", "/x:y"),
      ("latest:", "latest", ""),
    ] as [(String, String, String?)])
  func goodNames(argument: String, text: String, path: String?) throws {
    let name = try SnapshotName(argument)
    #expect(name.text == text)
    #expect(name.path == path.map { Array($0.utf8) })
  }

  @Test(arguments: [
    "", ":", "late", "latest~", "latest~-1", "latest~x", "latest ", "123", "xyz0", "012g",
    String(repeating: "a", count: 65), "latest~99999999999999999999", "１２３４", "Latest",
  ])
  func badNames(argument: String) {
    #expect(throws: SnapshotName.Problem.self) { try SnapshotName(argument) }
  }

  /// Snapshots of two hosts, oldest first: a b a b a.
  private func list() async throws -> SnapshotList {
    let bench = try await OperationBench()
    let repository = try await bench.open()
    for i in 0..<5 {
      try await bench.backup(
        repository,
        clocks: Clocks(
          wall: { FileTime(seconds: 1_700_000_000 + Int64(i)) }, boot: { 1000 })
      ) { $0.host = i % 2 == 0 ? "a" : "b" }
    }
    return try await SnapshotList(repository)
  }

  @Test func latestIsThatOfThisHost() async throws {
    let list = try await list()
    let ids = list.snapshots.map(\.id)
    #expect(list.snapshots.map(\.snapshot.host) == ["a", "b", "a", "b", "a"])
    func find(_ name: String, _ host: String) throws -> (id: ObjectID, isOtherHost: Bool) {
      let found = try SnapshotName(name).resolve(in: list, host: host)
      return (found.snapshot.id, found.isOtherHost)
    }
    #expect(try find("latest", "a") == (ids[4], false))
    #expect(try find("latest", "b") == (ids[3], false))
    #expect(try find("latest~1", "a") == (ids[2], false))
    #expect(try find("latest~0", "b") == (ids[3], false))
    #expect(try find("latest", "c") == (ids[4], true))
    #expect(try find("latest~4", "c") == (ids[0], true))
    #expect(throws: SnapshotName.Problem.self) { try find("latest~2", "b") }
    #expect(throws: SnapshotName.Problem.self) { try find("latest~5", "c") }
  }

  @Test func idsByUniquePrefix() async throws {
    let list = try await list()
    for stored in list.snapshots {
      for count in [12, 64] {
        for text in [stored.id.description, stored.id.description.uppercased()] {
          let name = try SnapshotName(String(text.prefix(count)))
          #expect(try name.resolve(in: list, host: "a").snapshot.id == stored.id)
        }
      }
    }
    let absent = try SnapshotName(String(repeating: "0", count: 64))
    do {
      _ = try absent.resolve(in: list, host: "a")
      Issue.record("found")
    } catch {
      guard case .unknown(let near) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(near.count == 3)
    }
  }

  @Test(
    arguments: [
      ("", [""]), ("/home/me/a", ["home/me/a"]), ("/", [""]), ("a", ["home/me/a", "a"]),
      ("me/a", ["home/me/a", "home/me/me/a", "me/a"]), ("./a/./b/", ["home/me/a/b", "a/b"]),
      (".", [""]), ("me", ["home/me", "home/me/me", "me"]),
    ] as [(String, [String])])
  func pathsAreAbsoluteOrBeginAtABackedUpFolder(path: String, wanted: [String]) throws {
    var snapshot = Snapshot()
    snapshot.paths = [Array("/home/me".utf8)]
    let found = try SnapshotName("latest:" + path).treePath(in: snapshot)
    let texts = found.map { String(decoding: $0, as: UTF8.self) }
    #expect(texts.first == wanted.first)
    #expect(Set(wanted).isSubset(of: texts), "\(texts)")
  }
}
