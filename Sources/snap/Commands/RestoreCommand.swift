// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import SnapFiles
import SnapFormat
import SnapOperations
import SnapRepository

/// `snap restore`
struct RestoreCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Bring files back.",
    discussion: """
      snap restore latest --to DIR
      snap restore 4f1c2a9e:Photos/2023
      Without --to: into a new folder ./restored-ID.
      """)

  @Argument(
    help: ArgumentHelp("Id, latest, latest~2; with a path inside.", valueName: "snapshot[:path]"))
  var snapshot: String

  @Option(help: ArgumentHelp("Folder to restore into: new or empty.", valueName: "dir"))
  var to: String?

  @Flag(help: ArgumentHelp("Leave extended attributes and ACLs out.", visibility: .hidden))
  var noXattrs = false

  @Option(help: ArgumentHelp("Owners: by-id or none.", valueName: "how", visibility: .hidden))
  var owners: String?

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("restore")
    let begun = context.environment.uptime()
    let metadata = try metadata()
    let opened = try await RepositoryOpener(
      context: context, command: "snap restore \(ShellWords.quote(snapshot))"
    ).open()
    let found = try await SnapshotArgument(context: context, text: snapshot)
      .find(in: opened.repository)
    let target = to ?? "restored-\(found.snapshot.shortID)"
    let statistics = found.snapshot.snapshot.statistics
    if found.path.isEmpty {
      context.output.note(
        "Restoring \(Sizes.count(statistics.files, "file")), \(Sizes.text(statistics.bytes)) to "
          + target)
    }
    let options = RestoreOptions(
      snapshot: found.snapshot, path: found.path, target: target, metadata: metadata)
    let progress = try context.progress(opened.label, verb: "restoring")
    progress.start()
    defer { progress.stop() }
    let restore = Restore(options, from: opened.repository, pool: context.pool()) { event in
      if case .progress(let now) = event { progress.update(ProgressState(now)) }
    }
    let report = try await restore.run()
    progress.stop()
    let seconds = context.environment.uptime() - begun
    return try show(report, target, seconds, context)
  }

  private func metadata() throws -> MetadataOptions {
    var options = MetadataOptions()
    options.xattrs = !noXattrs
    switch owners {
    case nil, "by-id": break
    case "none": options.owners = .none
    default:
      throw Failure.usage(
        "--owners is by-id or none", tries: [("snap restore \(snapshot) --owners none", nil)])
    }
    return options
  }

  private func show(
    _ report: RestoreReport, _ target: String, _ seconds: Double, _ context: CommandContext
  ) throws -> Int32 {
    let output = context.output
    for error in report.repaired {
      output.note("damaged, another copy was used: \(error)")
    }
    let losses = report.losses.values.reduce(0, +)
    if losses > 0 {
      output.note(
        "\(Sizes.count(losses, "setting")) (owners, attributes, flags) could not be set here "
          + "and are left out; root may set them.")
    }
    for problem in report.problems.prefix(20) {
      let reason = unsafe String(cString: strerror(problem.errno))
      output.warn(
        slug: "restore.entry", path: problem.path, reason: "cannot \(problem.doing): \(reason)")
    }
    var more = JSONLine()
    more.add("target", target)
    more.add("files", report.files)
    more.add("bytes", report.bytes)
    more.add("directories", report.directories)
    more.add("others", report.others)
    more.add("files_kept", report.kept)
    more.add("left_out", losses)
    more.add("seconds", seconds)
    guard report.damaged.isEmpty else {
      for file in report.damaged.prefix(100) {
        output.warn(slug: "data.damaged", path: file.path, reason: file.reason)
      }
      throw Failure.restorePartial(
        done: report.files, of: report.files + UInt64(report.damaged.count),
        files: report.damaged.map { EscapedText.printable($0.path) })
    }
    let total = Sizes.count(report.files, "file")
    try output.emit(
      line: "Restored \(total), \(Sizes.text(report.bytes)), every one checked against its "
        + "recorded hash, to \(target) in \(Durations.text(seconds)).", json: nil)
    let exit = report.problems.isEmpty ? ExitCode.done : ExitCode.warnings
    try output.result(exit: exit, more)
    return exit
  }
}
