// SPDX-License-Identifier: Apache-2.0

/// The failures around a repository, its storage and its snapshots.
extension Failure {
  /// No repository there. `found` says what is there instead; `near` is an address that fits.
  static func repoMissing(_ address: String, found: String?, near: String? = nil) -> Failure {
    var tries: [(String, String?)] = []
    if let near {
      tries.append(("snap snapshots --repo \(ShellWords.quote(near))", "there is one"))
    }
    tries.append(("snap init \(ShellWords.quote(address))", "make one there"))
    return Failure(
      slug: "repo.missing", exit: ExitCode.noRepository, title: "no repository at \(address)",
      facts: [("address", address)] + (found.map { [("found", $0)] } ?? []),
      safe: "nothing was changed", tries: tries)
  }

  /// There is a repository already. `created` says when and by which host, if known.
  static func repoExists(_ address: String, created: String?) -> Failure {
    Failure(
      slug: "repo.exists", exit: ExitCode.exists, title: "there is already a repository here",
      facts: [("address", address)] + (created.map { [("made", $0)] } ?? []),
      safe: "it was not touched",
      tries: [("snap snapshots --repo \(ShellWords.quote(address))", "use it")])
  }

  /// The repository was made by a newer version.
  static func newer(_ label: String, fact: String) -> Failure {
    Failure(
      slug: "repo.newer", exit: ExitCode.newer, title: "\"\(label)\" was made by a newer snap",
      facts: [("format", fact)], safe: "nothing was changed",
      tries: [("snap version", "this one; get the newer one to go on")])
  }

  /// The storage or the key's role forbids it.
  static func denied(_ title: String, fact: String, tries: [(String, String?)]) -> Failure {
    Failure(
      slug: "storage.denied", exit: ExitCode.denied, title: title, facts: [("meaning", fact)],
      safe: "nothing was changed", tries: tries)
  }

  /// A disk or the storage is full. `place` is where, `fact` what the system said.
  static func full(
    _ title: String, place: String, fact: String, storage: Bool = false,
    safe: String = "what was saved before is complete"
  ) -> Failure {
    Failure(
      slug: storage ? "storage.quota" : "local.full", exit: ExitCode.full, title: title,
      facts: [("place", place), ("meaning", fact)], safe: safe,
      tries: [
        (
          storage ? "df -h" : "df -h " + ShellWords.quote(PathText.parent(place)),
          "see how much is free"
        ),
        ("snap snapshots", "works on a full disk, and so does restore"),
      ])
  }

  /// The storage cannot be reached.
  static func unreachable(_ label: String, fact: String) -> Failure {
    Failure(
      slug: "storage.unreachable", exit: ExitCode.unreachable,
      title: "cannot reach the storage of \"\(label)\"", facts: [("meaning", fact)],
      safe: "nothing was changed; running the same command again is safe",
      tries: [("snap snapshots --repo \(ShellWords.quote(label))", "try again")])
  }

  /// Damage was found, all of it repairable.
  static func damaged(_ label: String, facts: [(String, String)]) -> Failure {
    Failure(
      slug: "data.damaged", exit: ExitCode.damaged,
      title: "damage found in \"\(label)\", every file still whole", facts: facts,
      safe: "every file can be restored",
      tries: [("snap verify --read-data", "read every byte")])
  }

  /// Damage was found and something is lost.
  static func lost(_ label: String, facts: [(String, String)]) -> Failure {
    Failure(
      slug: "data.damaged", exit: ExitCode.lost,
      title: "damage found in \"\(label)\", some files are lost", facts: facts,
      safe: "all other files can be restored",
      tries: [
        ("snap verify --read-data", "read every byte, name every file"),
        ("snap backup", "saves again what is still on this computer"),
      ])
  }

  /// A restore delivered less than everything. `files` are the names that are missing.
  static func restorePartial(done: UInt64, of total: UInt64, files: [String]) -> Failure {
    var facts = files.prefix(2).map { ("file", $0) }
    if files.count > 2 { facts.append(("more", Sizes.count(UInt64(files.count - 2), "file"))) }
    return Failure(
      slug: "restore.partial", exit: ExitCode.lost,
      title: "restored \(Sizes.count(done)) of \(Sizes.count(total, "file"))", facts: facts,
      safe: "every file that was written is whole",
      tries: [("snap verify --read-data", "see what else is damaged")])
  }

  /// No snapshot of that name. `nearest` are those that come near, or all that a prefix fits.
  static func snapshotUnknown(
    _ name: String, nearest: [String], ambiguous: Bool = false
  ) -> Failure {
    let why = ambiguous ? "several begin like that" : "the nearest"
    return Failure(
      slug: "snapshot.unknown", exit: ExitCode.unknownSnapshot,
      title: ambiguous ? "more than one snapshot is \"\(name)\"" : "no snapshot \"\(name)\"",
      facts: nearest.isEmpty
        ? []
        : [
          (
            why == "the nearest" ? "nearest" : "these",
            nearest.prefix(3).joined(separator: ", ")
          )
        ],
      tries: [("snap snapshots", "list them all")])
  }

  /// A snapshot has no such path.
  static func pathUnknown(_ path: String, snapshot: String, nearest: [String]) -> Failure {
    Failure(
      slug: "snapshot.unknown", exit: ExitCode.unknownSnapshot,
      title: "snapshot \(snapshot) has no such file or folder",
      facts: [("path", path)]
        + (nearest.isEmpty ? [] : [("nearest", nearest.prefix(3).joined(separator: ", "))]),
      tries: [("snap ls \(snapshot)", "list what it has")])
  }

  /// The restore target holds other content. `again` is the command with another target.
  static func restoreConflict(
    target: String, count: UInt64?, examples: [String], again: String
  ) -> Failure {
    let shown = examples.prefix(3).joined(separator: ", ")
    return Failure(
      slug: "restore.conflict", exit: ExitCode.conflict,
      title: count.map { "\(Sizes.count($0, "file")) here would be in the way" }
        ?? "the target is not empty",
      facts: [("target", target)] + (shown.isEmpty ? [] : [("there", shown)]),
      safe: "nothing was changed", tries: [(again, "restore into a new folder")])
  }

  /// The snapshot exists, but some files are not, or not surely, in it.
  static func sourceUnreadable(
    count: UInt64, of total: UInt64, examples: [(path: String, reason: String)]
  ) -> Failure {
    var facts = examples.prefix(3).map { ("file", "\($0.path): \($0.reason)") }
    if count > 3 { facts.append(("more", Sizes.count(count - 3, "file"))) }
    return Failure(
      slug: "source.unreadable", exit: ExitCode.warnings,
      title: "\(Sizes.count(count)) of \(Sizes.count(total, "file")) could not be read",
      facts: facts, safe: "all other files are saved",
      tries: [("snap backup --exclude PATTERN", "leave them out")])
  }

  /// No path that was given can be read.
  static func sourceMissing(_ paths: [String]) -> Failure {
    .usage(
      "there is nothing to back up", facts: paths.prefix(3).map { ("missing", $0) },
      safe: "nothing was changed", tries: [("snap backup ~/Photos", "any folder will do")])
  }
}
