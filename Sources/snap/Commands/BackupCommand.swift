// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import SnapCatalogue
import SnapFiles
import SnapFormat
import SnapOperations
import SnapRepository
import SnapStorage

/// `snap backup`
struct BackupCommand: SnapCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Save files and folders as a new snapshot.",
    discussion: """
      snap backup ~/Photos
      A .snapignore file in a folder leaves things out, in the grammar of .gitignore.
      """)

  @Argument(help: ArgumentHelp("Files and folders.", valueName: "path"))
  var paths: [String] = []

  @Option(
    help: ArgumentHelp("Leave out what fits, as a line of .snapignore.", valueName: "pattern"))
  var exclude: [String] = []

  @Option(help: ArgumentHelp("Leave out what the lines of this file say.", valueName: "file"))
  var excludeFile: [String] = []

  @Flag(name: [.customShort("x"), .long], help: "Do not go into other file systems.")
  var oneFileSystem = false

  @Flag(
    help: ArgumentHelp(
      "Keep caches (CACHEDIR.TAG) and snap's own cache too.", visibility: .hidden))
  var noDefaultExcludes = false

  @Option(help: ArgumentHelp("A label; may be repeated.", valueName: "tag"))
  var tag: [String] = []

  @Option(help: ArgumentHelp("A text to remember it by.", valueName: "text"))
  var note: String?

  @Option(help: ArgumentHelp("Name of the computer.", valueName: "name", visibility: .hidden))
  var host: String?

  @Flag(help: ArgumentHelp("Read every file, whatever is remembered.", visibility: .hidden))
  var rescan = false

  @Option(
    help: ArgumentHelp(
      "Scan kernel: portable, aesni, vaes256, vaes512.", valueName: "name", visibility: .private))
  var kernel: String?

  @OptionGroup var global: GlobalOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try context.start("backup")
    guard !paths.isEmpty else {
      throw Failure.usage(
        "backup needs a file or folder", tries: [("snap backup ~/Photos", "any folder will do")])
    }
    let begun = context.environment.uptime()
    let command = "snap backup " + paths.map(ShellWords.quote).joined(separator: " ")
    try requireRoots(context)
    let opened = try await EmbeddedDefault(context: context).openOrMake(command: command)
    if let problem = opened.repository.configurationProblem {
      context.output.note("damaged: \(problem)")
    }
    let options = try options(opened, context)
    let catalogue = Catalogue(path: opened.repository.places?.catalogue)
    let progress = try context.progress(opened.label, verb: "reading")
    progress.start()
    defer { progress.stop() }
    let backup = Backup(
      options, into: opened.repository, catalogue: catalogue, pool: context.pool()
    ) { event in
      if case .progress(let now) = event { progress.update(ProgressState(now)) }
    }
    let report = try await backup.run()
    progress.stop()
    let seconds = context.environment.uptime() - begun
    return try BackupReporter(context: context, opened: opened, seconds: seconds).show(report)
  }

  private func requireRoots(_ context: CommandContext) throws {
    let missing = paths.filter { unsafe access($0, F_OK) != 0 }
    if !missing.isEmpty { throw Failure.sourceMissing(missing) }
  }

  private func options(
    _ opened: OpenedRepository, _ context: CommandContext
  ) throws -> BackupOptions {
    var patterns: [FilterPattern] = []
    for text in exclude { patterns.append(try FilterPattern(text)) }
    for file in excludeFile {
      guard let bytes = try PrivateFile.read(file) else { throw Failure.reading(file, ENOENT) }
      patterns += try FilterPattern.parse(bytes)
    }
    var walk = WalkOptions()
    walk.excludes = patterns
    walk.oneFileSystem = oneFileSystem
    walk.defaultExcludes = !noDefaultExcludes
    walk.repositoryPaths = [opened.backend.path].compactMap(FileIdentity.init(path:))
    walk.ownPaths = [context.places.cache, context.places.state]
      .compactMap(FileIdentity.init(path:))
    var options = BackupOptions(
      roots: paths, walk: walk, host: host ?? context.environment.hostName,
      user: context.environment.userName, program: "snap \(Program.version)")
    options.excludeTexts = exclude
    options.tags = tag
    options.note = note ?? ""
    options.memory = context.memory
    options.rescan = rescan
    options.countFirst = context.environment.stderrIsTerminal || context.options.json
    options.zoneMinutes = Int64(
      context.environment.utcOffset(context.environment.now().seconds) / 60)
    if let kernel {
      guard let known = ScanKernel(rawValue: kernel) else {
        throw Failure.usage("there is no kernel `\(kernel)`")
      }
      options.kernel = known
    }
    return options
  }
}
