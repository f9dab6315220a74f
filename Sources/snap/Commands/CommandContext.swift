// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapOperations
import SnapRepository
import SnapStorage

/// What a command works with: the world, the settings, the output.
struct CommandContext: Sendable {
  let environment: Environment
  let options: GlobalOptions
  let output: Output
  let places: Places
  let configuration: ConfigurationFile
  let memory: Int

  init(_ environment: Environment, _ options: GlobalOptions) throws {
    self.environment = environment
    self.options = options
    output = Output(environment, json: options.json, quiet: options.quiet)
    places = try Places(environment, configFile: options.config, cache: options.cacheDir)
    configuration = try ConfigurationFile.read(places.configFile)
    try environment.checkVariables()
    if let text = options.memory {
      guard let bytes = Sizes.parse(text), bytes >= 64 << 20, bytes <= 1 << 40 else {
        throw Failure.usage(
          "--memory must be a size from 64MiB on", facts: [("given", text)],
          tries: [("snap backup --memory 256MiB", nil)])
      }
      memory = Int(bytes)
    } else {
      memory = 256 << 20
    }
  }

  /// Which repository.
  func choice() throws -> RepositoryChoice {
    try RepositoryChoice.resolve(
      option: options.repo, environment: environment, configuration: configuration,
      places: places)
  }

  /// Whether nothing may be asked.
  func noInput() throws -> Bool {
    if options.noInput { return true }
    return try environment.noInput()
  }

  var passwordOptions: PasswordOptions {
    PasswordOptions(
      file: options.passwordFile, command: options.passwordCommand,
      descriptor: options.passwordDescriptor, recoveryKeyFile: options.recoveryKeyFile)
  }

  /// One thread a core, two at least.
  func pool() -> WorkerPool { WorkerPool(count: max(2, Processors.count)) }

  /// Progress as asked for.
  func progress(_ label: String, verb: String) throws -> Progress {
    let style = try Progress.Style.choose(
      options.progress, environment: environment, output: output)
    return Progress(environment, output: output, style: style, label: label, verb: verb)
  }

  /// The local folders of a repository.
  func localPlaces(_ repositoryID: [UInt8]) throws -> LocalPlaces {
    try LocalPlaces(
      stateRoot: places.state, cacheRoot: places.cache, repositoryID: repositoryID)
  }

  /// Begins a JSON stream.
  func start(_ command: String, _ more: JSONLine = JSONLine()) throws {
    let run = Hex.encode(try SecureRandom.bytes(8))
    try output.start(version: Program.version, command: command, run: run, more: more)
  }

  /// The local folder behind a choice.
  func localPath(_ choice: RepositoryChoice) throws -> String {
    guard let path = choice.address.localPath else {
      throw Failure.usage(
        "this version stores in local folders only",
        facts: [("address", choice.address.text)], safe: "nothing was changed",
        tries: [("snap init /mnt/disk/backup", "a folder on another disk")])
    }
    return path
  }
}
