// SPDX-License-Identifier: Apache-2.0

/// Folders of one run of one tool; all of them are new and empty.
struct Place: Sendable {
  /// Where everything of the run lies.
  let folder: String
  /// The parent of the work set.
  let parent: String
  /// Name of the work set: a folder below `parent`.
  let set: String

  var repository: String { folder + "/repository" }
  var home: String { folder + "/home" }
  var target: String { folder + "/restored" }
  var password: String { folder + "/password" }
  var source: String { parent + "/" + set }

  /// The environment that every tool gets, besides its own variables.
  func environment(_ own: [String: String]) -> [String: String] {
    let base = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8"]
    return base.merging(own) { $1 }
  }
}

/// A backup program and how its steps are typed.
struct Tool: Sendable {
  let name: String
  let version: [String]
  let initialise: @Sendable (Place) -> Command
  /// The key is derived from the password, as for the peers.
  let backup: @Sendable (Place) -> Command
  /// As the daily backup runs: where the tool can, with a key that the computer remembers.
  let unchanged: @Sendable (Place) -> Command
  let restore: @Sendable (Place) -> Command
  /// Backup and restore with a remembered key, for the memory of the work itself; nil if the tool
  /// remembers none: then the timed runs tell the memory.
  var remembered: (backup: @Sendable (Place) -> Command, restore: @Sendable (Place) -> Command)?
}

extension Tool {
  static func snap(_ program: String) -> Tool {
    @Sendable func command(_ place: Place, _ arguments: [String], typed: Bool) -> Command {
      Command(
        arguments: [program] + arguments,
        environment: place.environment(typed ? ["SNAP_PASSWORD_FILE": place.password] : [:]),
        directory: place.parent)
    }
    @Sendable func backup(_ place: Place, typed: Bool) -> Command {
      command(place, ["--repo", place.repository, "backup", place.source], typed: typed)
    }
    @Sendable func restore(_ place: Place, typed: Bool) -> Command {
      let arguments = ["--repo", place.repository, "restore", "latest", "--to", place.target]
      return command(place, arguments, typed: typed)
    }
    return Tool(
      name: "snap", version: [program, "version"],
      initialise: { place in
        let key = place.folder + "/recovery"
        let arguments = ["init", place.repository, "--yes", "--recovery-out", key]
        return command(place, arguments, typed: true)
      },
      backup: { backup($0, typed: true) }, unchanged: { backup($0, typed: false) },
      restore: { restore($0, typed: true) },
      remembered: ({ backup($0, typed: false) }, { restore($0, typed: false) }))
  }

  static func restic(_ program: String) -> Tool {
    @Sendable func command(_ place: Place, _ arguments: [String]) -> Command {
      Command(
        arguments: [program, "-q", "-r", place.repository] + arguments,
        environment: place.environment([
          "RESTIC_PASSWORD_FILE": place.password, "RESTIC_CACHE_DIR": place.home + "/cache",
        ]),
        directory: place.parent)
    }
    return Tool(
      name: "restic", version: [program, "version"], initialise: { command($0, ["init"]) },
      backup: { command($0, ["backup", $0.set]) }, unchanged: { command($0, ["backup", $0.set]) },
      restore: { command($0, ["restore", "latest", "--target", $0.target]) })
  }

  /// - Parameter compression: as borg writes it; nil is its default.
  static func borg(_ program: String, compression: String?) -> Tool {
    @Sendable func command(_ place: Place, _ arguments: [String], at: String? = nil) -> Command {
      Command(
        arguments: [program] + arguments,
        environment: place.environment([
          "BORG_BASE_DIR": place.home, "BORG_PASSPHRASE": Workbench.password,
        ]),
        directory: at ?? place.parent)
    }
    let options = compression.map { ["--compression", $0] } ?? []
    @Sendable func backup(_ place: Place, _ archive: String) -> Command {
      command(place, ["create"] + options + [place.repository + "::" + archive, place.set])
    }
    return Tool(
      name: compression == nil ? "borg" : "borg-zstd", version: [program, "--version"],
      initialise: { command($0, ["init", "-e", "repokey", $0.repository]) },
      backup: { backup($0, "first") }, unchanged: { backup($0, "unchanged") },
      restore: { command($0, ["extract", $0.repository + "::first"], at: $0.target) })
  }
}
