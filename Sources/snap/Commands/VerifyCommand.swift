// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnapFormat
import SnapOperations

/// `snap verify`
struct VerifyCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Prove that the backups are whole.",
    discussion: """
      Looks at lists, index, trees, and at existence and size of every object.
      With --read-data every stored byte is read and proved.
      """,
    aliases: ["check"])

  @Flag(help: "Read and prove every stored byte.")
  var readData = false

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("verify")
    let begun = context.environment.uptime()
    let opened = try await RepositoryOpener(context: context, command: "snap verify").open()
    let progress = try context.progress(opened.label, verb: "reading")
    progress.start()
    defer { progress.stop() }
    let verify = Verify(opened.repository, readData: readData, pool: context.pool()) { event in
      if case .progress(let now) = event { progress.update(ProgressState(now)) }
    }
    let report = try await verify.run()
    progress.stop()
    return try show(
      report, opened.label, context.environment.uptime() - begun, context)
  }

  private func show(
    _ report: VerifyReport, _ label: String, _ seconds: Double, _ context: CommandContext
  ) throws -> Int32 {
    for finding in report.findings {
      var line = JSONLine(type: "finding")
      line.add("slug", "data.damaged")
      line.add("severity", finding.severity.rawValue)
      line.add("object", finding.object)
      line.add("what", finding.what)
      try context.output.emit(
        line: "\(finding.severity.rawValue)   \(finding.object)   "
          + EscapedText.printable(finding.what), json: line)
    }
    for lost in report.lostFiles {
      var line = JSONLine(type: "finding")
      line.add("slug", "data.damaged")
      line.add("severity", "lost")
      line.add("snapshots", [lost.snapshot])
      line.addPath(lost.path)
      try context.output.emit(
        line: "lost file   \(lost.snapshot.prefix(8))   \(EscapedText.printable(lost.path))",
        json: line)
    }
    let facts = [
      ("objects", Sizes.count(report.objects)), ("damaged", "\(report.findings.count)"),
      ("read", Sizes.text(report.bytes)),
    ]
    if !report.lostFiles.isEmpty || report.findings.contains(where: { $0.severity == .lost }) {
      throw Failure.lost(label, facts: facts)
    }
    if report.findings.contains(where: { $0.severity == .newer }) {
      throw Failure.newer(label, fact: report.findings.map(\.object).joined(separator: ", "))
    }
    if !report.findings.isEmpty { throw Failure.damaged(label, facts: facts) }
    let depth =
      report.readData ? "every byte read and proved" : "structure only; --read-data reads all"
    try context.output.emit(
      line: "No damage: \(Sizes.count(report.objects, "object")), "
        + "\(Sizes.count(UInt64(report.snapshots), "snapshot")), \(depth), "
        + "\(Sizes.text(report.bytes)) in \(Durations.text(seconds)).", json: nil)
    var more = JSONLine()
    more.add("objects", report.objects)
    more.add("bytes", report.bytes)
    more.add("snapshots", UInt64(report.snapshots))
    more.add("read_data", report.readData)
    more.add("seconds", seconds)
    try context.output.result(exit: ExitCode.done, more)
    return ExitCode.done
  }
}
