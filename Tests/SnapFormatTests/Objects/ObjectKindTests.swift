// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct ObjectKindTests {
  @Test func everyNameComesBack() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for kind in ObjectKind.allCases {
      for _ in 0..<20 {
        let id = samples.objectID()
        let name = kind.name(of: id)
        let parsed = try #require(ObjectKind.parse(name), "\(seed)")
        #expect(parsed.kind == kind)
        #expect(parsed.id == id, "\(seed)")
        #expect(!parsed.isMirror)
        #expect(name.hasPrefix(kind.folder))
        let mirror = ObjectKind.parse("mirror/" + name)
        #expect((mirror != nil) == kind.isMirrored)
        if let mirror { #expect(mirror == (kind, id, true)) }
      }
    }
  }

  @Test func otherNamesAreNone() {
    let id = String(repeating: "ab", count: 32)
    let names = [
      "", "/", "data/", "index/", "data/\(id)", "data/aa/\(id)", "data/ab\(id)", "data/ab/\(id)/",
      "data/AB/\(id)", "data/ab//\(id)", "data/ab/\(id.dropLast())", "data/ab/\(id)0",
      "data/ab/\(id.uppercased())", "index/ab/\(id)", "index/\(id.dropLast(2))", "index/\(id)ab",
      " index/\(id)", "index/\(id) ", "index/\(id)\n", "/index/\(id)", "Index/\(id)",
      "index/\(id.dropLast())g", "index/\(id.dropLast())é", "index/\(id)\u{301}",
      "mirror/index/\(id)", "mirror/data/ab/\(id)", "mirror/mirror/snap/\(id)", "mirror/",
      "mirror/snap", "keys/0123456789abcdef", "SNAP-REPOSITORY", "tmp/\(id)", "ecc/ab/\(id)",
      "../index/\(id)", "index/../index/\(id)",
    ]
    for name in names { #expect(ObjectKind.parse(name) == nil, "\(name)") }
  }
}
