// SPDX-License-Identifier: Apache-2.0

import Testing

/// The project's own rules, on the project. What they are about: README.md, "How it is built".
@Suite struct TidyTests {
  private func expectNone(_ rule: Rule, sourceLocation: SourceLocation = #_sourceLocation) {
    let findings = rule.findings(in: SourceTree.files)
    #expect(
      findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))",
      sourceLocation: sourceLocation)
  }

  @Test func theTreeIsRead() {
    let targets = Set(SourceTree.files.compactMap(\.target))
    #expect(targets.isSuperset(of: Imports.table.keys))
    #expect(SourceTree.files.contains { $0.path == "Package.swift" })
    #expect(SourceTree.files.contains { $0.path == "scripts/run" })
    #expect(SourceTree.files.contains { $0.path == "README.md" })
  }

  @Test func importsFollowTheTable() { expectNone(Imports.followTheTable) }

  @Test func nothingTriesByForce() { expectNone(Calls.noForcedTry) }
  @Test func nothingCastsByForce() { expectNone(Calls.noForcedCast) }
  @Test func nothingUnwrapsByForce() { expectNone(Calls.noForceUnwrap) }
  @Test func nothingIsUnowned() { expectNone(Calls.noUnowned) }
  @Test func nothingStopsTheProgram() { expectNone(Calls.noFatalError) }
  @Test func uncheckedSendableIsProven() { expectNone(Calls.uncheckedSendableHasProof) }
  @Test func librariesDoNotPrint() { expectNone(Calls.librariesDoNotPrint) }
  @Test func librariesDoNotReadTheEnvironment() {
    expectNone(Calls.librariesDoNotReadTheEnvironment)
  }
  @Test func librariesDoNotReadTheClock() { expectNone(Calls.librariesDoNotReadTheClock) }

  @Test func filesAreShort() { expectNone(Sizes.files) }
  @Test func functionsAreShort() { expectNone(Sizes.functions) }
  @Test func protocolsAreSmall() { expectNone(Sizes.protocols) }
  @Test func commandsAreShort() { expectNone(Sizes.commands) }
  @Test func theManifestIsShort() { expectNone(Sizes.manifest) }
  @Test func linesAreNarrow() { expectNone(Sizes.lines) }

  @Test func commandsDoNotAskForJSON() { expectNone(Texts.commandsDoNotAskForJSON) }
  @Test func filesNameTheirLicence() { expectNone(Texts.haveLicence) }
  @Test func noFileNamesAWorkplace() { expectNone(Texts.nameNoWorkplace) }
  @Test func publicDeclarationsAreDescribed() { expectNone(Documentation.isThere) }

  @Test func typesHaveMeaningfulNames() { expectNone(Names.types) }
  @Test func functionsHaveMeaningfulNames() { expectNone(Names.functions) }
  @Test func filesHaveMeaningfulNames() { expectNone(Names.files) }
}
