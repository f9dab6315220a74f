// SPDX-License-Identifier: Apache-2.0

/// Which repository a command works on, and who said so.
enum RepositoryChoice: Equatable, Sendable {
  /// Who named a repository.
  enum Source: Equatable, Sendable {
    /// `--repo`, or the address given to `init`.
    case option
    /// `SNAP_REPO`
    case environment
    /// `default-remote` of the configuration file.
    case configuration
  }

  /// Named by somebody; `name` is that of a stored remote, if it is one.
  case named(address: RepositoryAddress, name: String?, source: Source)
  /// Nobody named one: the folder below the user's data directory.
  case embeddedDefault(path: String)

  /// Where it lies.
  var address: RepositoryAddress {
    switch self {
    case .named(let address, _, _): address
    case .embeddedDefault(let path): RepositoryAddress(path: path)
    }
  }

  /// What messages call it.
  var label: String {
    switch self {
    case .named(let address, let name, _): name ?? PathText.last(address.text)
    case .embeddedDefault: "default"
    }
  }

  /// Decides: option, then `SNAP_REPO`, then `default-remote`, then the embedded default.
  static func resolve(
    option: String?, environment: Environment, configuration: ConfigurationFile, places: Places
  ) throws(Failure) -> RepositoryChoice {
    let resolver = Resolver(environment: environment, configuration: configuration)
    if let option { return try resolver.resolve(option, .option) }
    if let variable = try environment.text("SNAP_REPO") {
      return try resolver.resolve(variable, .environment)
    }
    if let name = configuration.defaultRemote {
      return try resolver.resolve(name, .configuration)
    }
    return .embeddedDefault(path: places.embeddedRepository)
  }
}

private struct Resolver {
  let environment: Environment
  let configuration: ConfigurationFile

  func resolve(
    _ typed: String, _ source: RepositoryChoice.Source
  ) throws(Failure) -> RepositoryChoice {
    if let url = configuration.remotes[typed] {
      // A relative address in the file would depend on where a command is typed.
      let beside = Environment.moved(environment, to: PathText.parent(configuration.path))
      guard let address = try RepositoryAddress(url, environment: beside) else {
        throw .configuration(
          configuration.path,
          line: ConfigurationText(configuration.text).line(of: ["remote", typed, "url"]),
          "`url` is no address of a repository")
      }
      return .named(address: address, name: typed, source: source)
    }
    if let address = try RepositoryAddress(typed, environment: environment) {
      return .named(address: address, name: name(of: address), source: source)
    }
    throw unknown(typed)
  }

  private func name(of address: RepositoryAddress) -> String? {
    configuration.remotes.filter { $0.value == address.text }.keys.sorted().first
  }

  private func unknown(_ typed: String) -> Failure {
    let names = configuration.remotes.keys.sorted()
    let near = NearestText.nearest(to: typed, in: names)
    var tries: [(String, String?)] = near.map { ("snap snapshots --repo \($0)", "the nearest") }
    if typed.isEmpty {
      tries.append(("snap snapshots -h", nil))
    } else {
      tries.append(("snap snapshots --repo \(ShellWords.quote("./" + typed))", "if it is a folder"))
    }
    return .usage(
      "no repository is called `\(typed)`",
      facts: [("known", names.isEmpty ? "none yet" : names.joined(separator: ", "))],
      tries: tries)
  }
}

extension Environment {
  /// The same surroundings with another working directory.
  static func moved(_ environment: Environment, to directory: String) -> Environment {
    var moved = environment
    moved.currentDirectory = directory
    return moved
  }
}
