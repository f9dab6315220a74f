// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapFiles
import SnapFormat
import SnapOperations

/// Says what a backup did.
struct BackupReporter {
  let context: CommandContext
  let opened: OpenedRepository
  let seconds: Double

  /// - Returns: the exit code: 3 when something could not be read.
  func show(_ report: BackupReport) throws -> Int32 {
    let id = report.id.map { String($0.description.prefix(8)) } ?? ""
    let statistics = report.snapshot.statistics
    let roots = report.roots.map {
      PathText.short(
        EscapedText.printable([UInt8(ascii: "/")] + $0.stored), home: context.environment.home)
    }
    let output = context.output
    for root in report.roots where isMoved(root.requested, root.stored) {
      output.note("\(root.requested) is a link to \(EscapedText.printable([47] + root.stored)).")
    }
    try output.emit(
      line: "Saved \(id)   \(roots.joined(separator: ", ")) -> \(opened.label)   "
        + "\(Sizes.count(statistics.files, "file")), \(Sizes.text(statistics.bytes))   "
        + "in \(Durations.text(seconds))", json: nil)
    try output.emit(
      line: "  new \(Sizes.count(statistics.newFiles))   changed "
        + "\(Sizes.count(statistics.changedFiles))   unchanged "
        + "\(Sizes.count(report.unchangedFiles))   removed \(Sizes.count(report.removed))",
      json: nil)
    try output.emit(
      line: "  stored \(Sizes.text(report.bytesWritten)) "
        + "(\(Sizes.text(statistics.newBytes)) of new data)", json: nil)
    try left(report)
    let exit = try problems(report)
    try output.emit(line: "Get it back with:  snap restore \(id)", json: nil)
    if case .embeddedDefault(let path) = opened.choice {
      try output.emit(
        line: "It lies on the same disk as your files (\(path)); a second place protects more:"
          + "  snap init /mnt/disk/backup", json: nil)
    }
    try output.result(exit: exit, json(report))
    return exit
  }

  private func isMoved(_ requested: String, _ stored: [UInt8]) -> Bool {
    var status = stat()
    return unsafe lstat(requested, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private func left(_ report: BackupReport) throws {
    var parts: [String] = []
    func add(_ count: UInt64, _ what: String) {
      if count > 0 { parts.append(Sizes.count(count, what)) }
    }
    add(report.left.excluded, "excluded entry")
    add(report.left.cacheDirectories, "cache folder")
    add(report.left.ownDirectories, "folder of snap itself")
    add(report.left.repository, "repository folder")
    add(report.left.sockets, "socket")
    add(report.left.otherFileSystems, "other file system")
    guard !parts.isEmpty else { return }
    try context.output.emit(line: "  left out: \(parts.joined(separator: ", "))", json: nil)
  }

  private func problems(_ report: BackupReport) throws -> Int32 {
    let count = report.problemCount + report.changing.count
    guard count > 0 else { return ExitCode.done }
    for problem in report.problems.prefix(20) {
      let reason = unsafe String(cString: strerror(problem.errno))
      context.output.warn(
        slug: "source.unreadable", path: [UInt8(ascii: "/")] + problem.path,
        reason: "cannot \(problem.doing): \(reason)")
    }
    for path in report.changing.prefix(20) {
      context.output.warn(
        slug: "source.changed", path: [UInt8(ascii: "/")] + path,
        reason: "kept changing while it was read")
    }
    if count > 40 { context.output.note("  and more: \(count) in all") }
    try context.output.emit(
      line: "  \(Sizes.count(UInt64(count), "entry")) could not be saved as they are", json: nil)
    return ExitCode.warnings
  }

  private func json(_ report: BackupReport) -> JSONLine {
    let statistics = report.snapshot.statistics
    var line = JSONLine()
    line.add("snapshot", report.id?.description)
    line.add("files_new", statistics.newFiles)
    line.add("files_changed", statistics.changedFiles)
    line.add("files_unchanged", report.unchangedFiles)
    line.add("files_removed", report.removed)
    line.add("files_total", statistics.files)
    line.add("bytes_total", statistics.bytes)
    line.add("bytes_new", statistics.newBytes)
    line.add("bytes_added", statistics.storedBytes)
    line.add("bytes_sent", report.bytesWritten)
    line.add("sockets", report.left.sockets)
    line.add("excluded", report.left.excluded)
    line.add("cache_folders", report.left.cacheDirectories)
    line.add("seconds", seconds)
    return line
  }
}

extension ProgressState {
  /// What an operation told.
  init(_ now: OperationProgress) {
    self.init()
    filesDone = now.files
    filesTotal = now.filesTotal
    bytesDone = now.bytes
    bytesTotal = now.bytesTotal
    bytesSent = now.sent
    currentPath = now.path
  }
}
