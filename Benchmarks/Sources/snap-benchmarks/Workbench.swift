// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Runs the steps of one tool on one work set.
struct Workbench {
  static let password = "a password for measuring 1852"
  let work: String
  private var log: String { work + "/runs/log" }

  /// Runs a tool's steps in new folders, which are removed afterwards, and notes what they took.
  func measure(_ tool: Tool, _ set: String, into results: inout Results) throws {
    try inNewPlace(set) { place in
      _ = try tool.initialise(place).run(log: log)
      let first = try tool.backup(place).run(log: log, synced: true)
      results.note(tool, set, .first, first)
      results.noteStored(tool, set, try size(of: place.repository))
      results.note(tool, set, .unchanged, try tool.unchanged(place).run(log: log, synced: true))
      makeFolder(place.target)
      let restored = try tool.restore(place).run(log: log, synced: true)
      try compare(place, tool)
      results.note(tool, set, .restore, restored)
    }
    guard let remembered = tool.remembered else { return }
    try inNewPlace(set) { place in
      _ = try tool.initialise(place).run(log: log)
      let first = try remembered.backup(place).run(log: log)
      results.noteMemory(tool, set, .first, first)
      makeFolder(place.target)
      results.noteMemory(tool, set, .restore, try remembered.restore(place).run(log: log))
      try compare(place, tool)
    }
  }

  /// Reads a work set once, so that the first tool does not pay for a cold cache.
  func warm(_ set: String) throws {
    let script = "find \"$1\" -type f -print0 | xargs -0 cat >/dev/null"
    _ = try shell(["sh", "-c", script, "sh", work + "/" + set])
  }

  /// Runs a helper program and returns what it printed, without the last line break.
  func shell(_ arguments: [String]) throws -> String {
    makeFolder(work + "/runs")
    let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": work]
    let command = Command(arguments: arguments, environment: environment, directory: work)
    let output = try command.run(log: work + "/runs/helper").output
    return output.hasSuffix("\n") ? String(output.dropLast()) : output
  }

  private func inNewPlace(_ set: String, _ body: (Place) throws -> Void) throws {
    let place = Place(folder: work + "/runs/place", parent: work, set: set)
    _ = try shell(["rm", "-rf", place.folder])
    makeFolder(place.folder)
    makeFolder(place.home)
    _ = try shell(["sh", "-c", "printf %s \"$1\" >\"$2\"", "sh", Self.password, place.password])
    _ = try shell(["chmod", "600", place.password])
    try body(place)
    _ = try shell(["rm", "-rf", place.folder])
  }

  private func makeFolder(_ path: String) {
    unsafe mkdir(path, 0o700)
  }

  private func size(of folder: String) throws -> Int {
    let text = try shell(["du", "-s", "--apparent-size", "--block-size=1", folder])
    return text.split(separator: "\t").first.flatMap { Int($0) } ?? 0
  }

  /// A restore whose result is wrong has no time: it ends the whole measurement.
  private func compare(_ place: Place, _ tool: Tool) throws {
    let differences = try shell([
      "rsync", "-aHAXni", "--checksum", "--delete", place.source + "/",
      place.target + "/" + place.set + "/",
    ])
    guard differences.isEmpty else {
      throw Failure(
        description: "\(tool.name) restored \(place.set) wrongly:\n\(differences.prefix(2000))")
    }
  }
}
