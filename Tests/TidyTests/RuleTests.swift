// SPDX-License-Identifier: Apache-2.0

import Testing

/// Each rule refuses what it is there to refuse, and lets its neighbour pass.
@Suite struct RuleTests {
  private static let library = "Sources/SnapFormat/A.swift"
  private static let command = "Sources/snap/Commands/A.swift"

  private func refuses(
    _ rule: Rule, _ bad: String, but good: String = "let a = 1\n", at path: String = library,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = rule.findings(in: bad, at: path)
    #expect(!found.isEmpty, "the bad text passes", sourceLocation: sourceLocation)
    let alsoFound = rule.findings(in: good, at: path)
    #expect(alsoFound.isEmpty, "\(alsoFound)", sourceLocation: sourceLocation)
  }

  @Test func importsFollowTheTable() {
    let rule = Imports.followTheTable
    refuses(rule, "import Foundation\n", but: "// import Foundation\nimport Glibc\n")
    refuses(rule, "public import SnapStorage\n", but: "internal import CCrypto\n")
    refuses(rule, "import struct SnapFiles.Entry\n", but: "import let CZstd.ZSTD_VERSION\n")
    refuses(rule, "@testable import GRDB\n", but: "let a = \"import GRDB\"\n")
    refuses(rule, "import SnapMount\n", at: "Sources/SnapOperations/A.swift")
    #expect(!rule.findings(in: "let a = 1\n", at: "Sources/SnapNew/A.swift").isEmpty)
  }

  @Test func forceIsNotUsed() {
    refuses(Calls.noForcedTry, "let a = try! f()\n", but: "let a = try? f() // try!\n")
    refuses(Calls.noForcedCast, "let a = b as! C\n", but: "let a = b as? C\n")
    refuses(Calls.noUnowned, "{ [unowned self] in }\n", but: "{ [weak self] in }\n")
    refuses(Calls.noFatalError, "fatalError(\"x\")\n", but: "say(\"fatalError(\")\n")
    refuses(Calls.noForceUnwrap, "let a = b!\n", but: "let a = !b && c != d\n")
    refuses(Calls.noForceUnwrap, "f(x)!.y\n", but: "if a!=b { }\n")
    refuses(Calls.noForceUnwrap, "var a: Int!\n", but: "var a = \"Stop!\" + #\"b\"!\"#\n")
    refuses(Calls.noForceUnwrap, "say(\"\\(a[0]!) \")\n", but: "say(\"\\(a)! \")\n")
    refuses(Calls.noForceUnwrap, "let a = \"\"\"\n  x\n  \"\"\"\nb!\n")
  }

  @Test func uncheckedSendableIsProven() {
    let rule = Calls.uncheckedSendableHasProof
    let type = "final class A: @unchecked Sendable {\n"
    refuses(rule, type + "}\n", but: type + "  // Sendable: never changes.\n}\n")
    refuses(rule, "// Shared.\n" + type, but: "/// Sendable: all is let.\n///\n/// B.\n" + type)
    refuses(rule, "// Unproofed.\n" + type, but: "// Proof: all is let.\n" + type)
    refuses(rule, type + "\n\n\n// Sendable: too far away.\n", but: "final class A: Sendable {\n")
  }

  @Test func librariesAreToldEverything() {
    refuses(Calls.librariesDoNotPrint, "print(a)\n", but: "func print(_ a: A) { a.print() }\n")
    refuses(
      Calls.librariesDoNotReadTheEnvironment, "let a = getenv(\"HOME\")\n", but: "let home = a\n")
    refuses(Calls.librariesDoNotReadTheEnvironment, "ProcessInfo.processInfo\n")
    refuses(Calls.librariesDoNotReadTheClock, "let now = Date()\n", but: "let a: Date = now\n")
    refuses(Calls.librariesDoNotReadTheClock, "let now = time(nil)\n", but: "entry.time(a)\n")
    #expect(Calls.librariesDoNotPrint.findings(in: "print(a)\n", at: Self.command).isEmpty)
  }

  @Test func sizesAreBounded() {
    func lines(_ count: Int) -> String { String(repeating: "let a = 1\n", count: count) }
    refuses(Sizes.files, lines(501), but: lines(500))
    refuses(Sizes.commands, lines(151), but: lines(150), at: Self.command)
    refuses(Sizes.manifest, lines(151), but: lines(150), at: "Package.swift")
    let wide = "let a = \"" + String(repeating: "…", count: 90)
    refuses(Sizes.lines, wide + "1\"\n", but: wide + "\"\n")
    refuses(Sizes.lines, "#!/bin/sh\n# " + String(repeating: "x", count: 99), at: "scripts/a")
  }

  @Test func functionsAreBounded() {
    func function(_ head: String, _ lines: Int) -> String {
      let body = String(repeating: "    if a { b() }\n", count: lines)
      return "struct A {\n  \(head) {\n\(body)  }\n}\n"
    }
    refuses(Sizes.functions, function("func f()", 79), but: function("func f()", 78))
    refuses(Sizes.functions, function("init(a: A = { B() }())", 79))
    refuses(Sizes.functions, function("init() {}\n  func f()", 79))
    refuses(Sizes.functions, "protocol P { func f() }\n" + function("subscript(a: Int) -> B", 79))
    let outside = "func setfsuid(_ a: Int)\n" + String(repeating: "\n", count: 79)
    let bodiless = Sizes.functions.findings(in: outside + "struct A {\n}\n", at: Self.library)
    #expect(bodiless.isEmpty)
    refuses(
      Sizes.functions, "int f(int a)\n{\n" + String(repeating: "  a = '}';\n", count: 79) + "}\n",
      at: "Sources/CLinux/a.c")
  }

  @Test func protocolsAreBounded() {
    func requirements(_ count: Int) -> String {
      "public protocol P: Sendable {\n  associatedtype T\n  var a: T { get }\n"
        + (1..<count).map { "  func f\($0)(_ a: (Int) -> Void)\n" }.joined() + "}\n"
    }
    refuses(Sizes.protocols, requirements(7), but: requirements(6))
  }

  @Test func textsSayWhatTheyMust() {
    let licence = "// SPDX-License-Identifier: Apache-2.0\n"
    refuses(Texts.haveLicence, "\n\n" + licence, but: licence)
    let script = "scripts/a"
    let withLicence = "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"
    refuses(Texts.haveLicence, "#!/bin/sh\n", but: withLicence, at: script)
    refuses(
      Texts.nameNoWorkplace, "see /wo" + "rk/main/a\n", but: "a/wo" + "rk/main/b $d/ro" + "ot/x\n",
      at: "README.md")
    refuses(Texts.nameNoWorkplace, "\"/tm" + "p/h/x\"\n", but: "/workshop/ /tmp/hat/\n")
    refuses(
      Texts.commandsDoNotAskForJSON, "if options.json { a() }\n",
      but: "/// if json\n@Flag var json = false\n", at: Self.command)
    refuses(Texts.commandsDoNotAskForJSON, "let a = asJSON ? b : c\n", at: Self.command)
  }

  @Test func descriptionsAreThere() {
    let rule = Documentation.isThere
    refuses(rule, "public func f() {}\n", but: "/// Says.\npublic func f() {}\n")
    refuses(
      rule, "/// Says.\n\n@inlinable\npublic static func f() {}\n",
      but: "/// Says.\n@inlinable\npublic static func f() {}\n")
    refuses(rule, "public private(set) var a = 1\n", but: "private var a = 1\n")
    refuses(rule, "@safe public final class A {}\n", but: "public import B\n")
    refuses(rule, "// Says.\npackage let a = 1\n", but: "let a = A.package\n")
    refuses(
      rule, "/// A.\npublic enum A {\n  public init() {}\n}\n", but: "public extension A {}\n")
  }

  @Test func namesSaySomething() {
    refuses(Names.types, "final class PackManager {}\n", but: "struct Commonality {}\n")
    refuses(Names.types, "enum Utils {}\n", but: "let manager = Utils()\n")
    refuses(Names.functions, "func process(_ a: A) {}\n", but: "func processes() {}\n")
    #expect(!Names.files.findings(in: "", at: "Sources/SnapFormat/Common/A.swift").isEmpty)
    #expect(!Names.files.findings(in: "", at: "Sources/SnapFormat/A+Helpers.swift").isEmpty)
    #expect(Names.files.findings(in: "", at: Self.library).isEmpty)
  }
}
