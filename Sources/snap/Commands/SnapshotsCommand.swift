// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SnapFormat
import SnapRepository

/// `snap snapshots`
struct SnapshotsCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshots", abstract: "List the snapshots.", aliases: ["list"])

  @Option(help: ArgumentHelp("Only those of this computer.", valueName: "name"))
  var host: String?

  @Option(help: ArgumentHelp("Only those with this label.", valueName: "tag"))
  var tag: String?

  @Option(help: ArgumentHelp("Only the newest N.", valueName: "n"))
  var last: Int?

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("snapshots")
    let opened = try await RepositoryOpener(context: context, command: "snap snapshots").open()
    let list = try await SnapshotList(opened.repository)
    var chosen = list.snapshots.filter { stored in
      (host == nil || stored.snapshot.host == host)
        && (tag == nil || stored.snapshot.tags.contains(tag ?? ""))
    }
    if let last { chosen = chosen.suffix(max(0, last)) }
    var table = Table([
      ("ID", .left), ("when", .left), ("age", .right), ("host", .left), ("files", .right),
      ("size", .right), ("new", .right), ("paths", .left), ("state", .left),
    ])
    for stored in chosen.reversed() {
      table.add(Self.row(stored, context))
      try context.output.emit(line: nil, json: Self.json(stored))
    }
    if chosen.isEmpty {
      try context.output.emit(line: "No snapshots yet.", json: nil)
    } else {
      for line in table.lines() { try context.output.emit(line: line, json: nil) }
      try context.output.emit(
        line: "\(chosen.count) of \(list.snapshots.count) shown", json: nil)
    }
    for error in list.damaged { context.output.note("damaged: \(error)") }
    try context.output.result(exit: ExitCode.done)
    return ExitCode.done
  }

  private static func row(_ stored: StoredSnapshot, _ context: CommandContext) -> [String] {
    let snapshot = stored.snapshot
    let offset = context.environment.utcOffset(snapshot.start.seconds)
    let paths = snapshot.paths.map {
      PathText.short(EscapedText.printable($0), home: context.environment.home)
    }
    return [
      stored.shortID, LocalTime.minute(snapshot.start, offset: offset),
      LocalTime.age(snapshot.start, now: context.environment.now()), snapshot.host,
      Sizes.count(snapshot.statistics.files), Sizes.text(snapshot.statistics.bytes),
      Sizes.text(snapshot.statistics.storedBytes), paths.joined(separator: ", "),
      state(snapshot),
    ]
  }

  private static func state(_ snapshot: Snapshot) -> String {
    switch snapshot.partial {
    case .whole: "ok"
    case .unreadableFiles: "\(snapshot.statistics.errors) unreadable"
    case .unfinished: "unfinished"
    }
  }

  private static func json(_ stored: StoredSnapshot) -> JSONLine {
    let snapshot = stored.snapshot
    var line = JSONLine(type: "snapshot")
    line.add("id", stored.id.description)
    line.add("time", snapshot.start)
    line.add("host", snapshot.host)
    line.add("user", snapshot.user)
    line.add("paths", snapshot.paths.map { String(decoding: $0, as: UTF8.self) })
    line.add("tags", snapshot.tags)
    if !snapshot.note.isEmpty { line.add("note", snapshot.note) }
    line.add("files", snapshot.statistics.files)
    line.add("bytes", snapshot.statistics.bytes)
    line.add("bytes_added", snapshot.statistics.storedBytes)
    line.add("state", snapshot.partial == .whole ? "ok" : "partial")
    return line
  }
}
