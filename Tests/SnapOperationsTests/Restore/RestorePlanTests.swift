// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapTesting
import Testing

@testable import SnapOperations

@Suite struct RestorePlanTests {
  private func plan(_ roots: [String], path: String = "") -> [String: String] {
    let plan = RestorePlan(roots: roots.map { Array($0.utf8) }, path: Array(path.utf8))
    return Dictionary(
      plan.parts.map {
        (
          String(decoding: $0.source, as: UTF8.self),
          String(decoding: $0.destination, as: UTF8.self)
        )
      }, uniquingKeysWith: { a, b in "\(a) and \(b)" })
  }

  @Test func rootsGoByTheirLastComponent() {
    #expect(plan(["/home/me/photos"]) == ["home/me/photos": "photos"])
    #expect(
      plan(["/home/me/photos", "/etc"]) == ["home/me/photos": "photos", "etc": "etc"])
    #expect(plan(["/file.txt"]) == ["file.txt": "file.txt"])
  }

  @Test func theRootOfAllIsTheTargetItself() {
    #expect(plan(["/"]) == ["": ""])
  }

  @Test func equalLastComponentsKeepAsManyParentsAsTheyNeed() {
    #expect(plan(["/a/x", "/b/x"]) == ["a/x": "a/x", "b/x": "b/x"])
    #expect(plan(["/p/a/x", "/p/b/x"]) == ["p/a/x": "a/x", "p/b/x": "b/x"])
    #expect(
      plan(["/p/c/x", "/q/c/x", "/q/d"]) == ["p/c/x": "p/c/x", "q/c/x": "q/c/x", "q/d": "d"])
    #expect(plan(["/x", "/a/x"]) == ["x": "x", "a/x": "a/x"])
    #expect(
      plan(["/home/a", "/p/a/x", "/p/b/x"])
        == ["home/a": "home/a", "p/a/x": "p/a/x", "p/b/x": "b/x"])
  }

  @Test func rootsThatNoBackupWritesEndAllTheSame() {
    #expect(plan(["/a", "/a"]) == ["a": "a"])
    #expect(plan(["/a/b", "/a//b"]) == ["a/b": "a/b", "a//b": "a/b"])
    #expect(plan(["/", "/a/b"]) == ["": ""])
    #expect(plan(["/a", "/a/b", "/a/b/c", "/a-b"]) == ["a": "a", "a-b": "a-b"])
    #expect(plan([]) == [:])
  }

  @Test func onePathGoesByItsName() {
    #expect(plan(["/home/me"], path: "home/me/photos") == ["home/me/photos": "photos"])
    #expect(plan(["/home/me"], path: "home/me") == ["home/me": "me"])
  }

  @Test func entriesLieBelowTheirPart() {
    let plan = RestorePlan(roots: [Array("/home/me".utf8)], path: [])
    let part = plan.parts[0]
    let place = RestorePlan.destination(of: Array("home/me/a/b".utf8), in: part)
    #expect(place == Array("me/a/b".utf8))
    #expect(RestorePlan.destination(of: Array("home/me".utf8), in: part) == Array("me".utf8))
    let all = RestorePlan(roots: [[UInt8(ascii: "/")]], path: []).parts[0]
    #expect(RestorePlan.destination(of: Array("a/b".utf8), in: all) == Array("a/b".utf8))
  }

  /// Roots as a backup stores them: none inside another. Their places must not overlap either.
  @Test func placesNeverOverlap() {
    var random = SeededRandom.fresh()
    for _ in 0..<2000 {
      var roots: [[UInt8]] = []
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        let depth = Int.random(in: 1...4, using: &random)
        let names = (0..<depth).map { _ in ["a", "b", "c"].randomElement(using: &random) ?? "a" }
        let root = Array(names.joined(separator: "/").utf8)
        if roots.contains(where: { TreePath.contains($0, root) || TreePath.contains(root, $0) }) {
          continue
        }
        roots.append(root)
      }
      let parts = RestorePlan(roots: roots.map { [UInt8(ascii: "/")] + $0 }, path: []).parts
      let places = parts.map { String(decoding: $0.destination, as: UTF8.self) }
      for (i, part) in parts.enumerated() {
        for (j, other) in parts.enumerated() where i != j {
          #expect(
            !TreePath.contains(part.destination, other.destination), "\(random): \(places)")
        }
      }
    }
  }
}
