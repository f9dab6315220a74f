// SPDX-License-Identifier: Apache-2.0

/// Where this user's files of snap lie.
struct Places: Equatable, Sendable {
  /// Holds the configuration file.
  var config: String
  /// Holds the device key, remembered keys and the embedded default repository.
  var data: String
  /// Holds journals, logs and the newest state seen of each repository.
  var state: String
  /// Holds what can be deleted at any time.
  var cache: String
  /// The configuration file.
  var configFile: String

  /// Asks the environment: `SNAP_CONFIG`, `SNAP_CACHE_DIR`, `SNAP_STATE_DIR`, then the XDG
  /// variables, then the home directory. Options, where given, win over all of them.
  init(
    _ environment: Environment, configFile: String? = nil, cache: String? = nil
  ) throws(Failure) {
    // A job without HOME that runs as root belongs to the system, not to a person.
    let system = environment.isRoot && (environment.variables["HOME"] ?? "").isEmpty
    func place(_ variable: String, _ belowHome: String, _ ofSystem: String) -> String {
      // The XDG rules say that a path that is not absolute is to be passed over.
      if let base = environment.variables[variable], base.hasPrefix("/") {
        return PathText.standard(base + "/snap")
      }
      if system { return ofSystem }
      return PathText.standard(environment.home + "/" + belowHome + "/snap")
    }
    func absolute(_ path: String) -> String {
      PathText.absolute(path, from: environment.currentDirectory, home: environment.home)
    }
    config = place("XDG_CONFIG_HOME", ".config", "/etc/snap")
    data = place("XDG_DATA_HOME", ".local/share", "/var/lib/snap")
    state = place("XDG_STATE_HOME", ".local/state", "/var/lib/snap/state")
    self.cache = place("XDG_CACHE_HOME", ".cache", "/var/cache/snap")
    if let other = try environment.text("SNAP_STATE_DIR") { state = absolute(other) }
    let cacheVariable = try environment.text("SNAP_CACHE_DIR")
    if let other = cache ?? cacheVariable { self.cache = absolute(other) }
    self.configFile = config + "/config.toml"
    let fileVariable = try environment.text("SNAP_CONFIG")
    if let other = configFile ?? fileVariable { self.configFile = absolute(other) }
  }

  /// The repository that is made when none is configured.
  var embeddedRepository: String { data + "/repository" }
  /// Where the recovery key of an unattended embedded default is saved.
  var recoveryKeyFile: String { data + "/recovery-key.txt" }
  /// The key that wraps remembered keys.
  var deviceKey: String { data + "/device.key" }
  /// The directory of remembered keys.
  var credentials: String { data + "/credentials" }
  /// The directory of the newest state seen of each repository.
  var seen: String { state + "/seen" }

  /// Makes a directory of this list, and those above it, readable by this user alone.
  func make(_ directory: String) throws(Failure) {
    try PrivateFile.makeDirectory(directory)
  }
}
