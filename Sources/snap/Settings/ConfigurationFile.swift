// SPDX-License-Identifier: Apache-2.0

import TOMLKit

/// The configuration file as read: the default remote and the addresses of all remotes.
///
/// A key that is not understood is a failure that names its line and the nearest valid key.
struct ConfigurationFile: Equatable, Sendable {
  /// Where the file is, or would be.
  let path: String
  /// Its text; empty if there is no file.
  let text: String
  /// The name of `default-remote`.
  let defaultRemote: String?
  /// The address of each remote, as written, by its name.
  let remotes: [String: String]

  /// The valid keys at the top.
  static let topKeys = ["version", "default-remote", "remote"]
  /// The valid keys of a `[remote.NAME]`.
  static let remoteKeys = ["url"]

  /// Reads the file; one that does not exist counts as empty.
  static func read(_ path: String) throws(Failure) -> ConfigurationFile {
    guard let bytes = try PrivateFile.read(path) else {
      return try ConfigurationFile(path: path, text: "")
    }
    guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
      throw .configuration(path, line: nil, "it is not UTF-8 text")
    }
    return try ConfigurationFile(path: path, text: text)
  }

  /// Takes the text of a configuration file.
  init(path: String, text: String) throws(Failure) {
    let reader = Reader(path: path, text: text)
    let top = try reader.parse()
    try reader.refuseUnknown(top, in: [], valid: ConfigurationFile.topKeys)
    if let value = top["version"] {
      guard let version = value.int else { throw reader.wrong(["version"], "it must be 1") }
      guard version == 1 else {
        throw reader.wrong(["version"], "this snap reads version 1, this is \(version)")
      }
    }
    var remotes: [String: String] = [:]
    if let value = top["remote"] {
      guard let table = value.table else {
        throw reader.wrong(["remote"], "it must be written as [remote.NAME]")
      }
      for name in table.keys { remotes[name] = try reader.url(of: name, in: table) }
    }
    defaultRemote = try reader.defaultRemote(top, remotes)
    self.path = path
    self.text = text
    self.remotes = remotes
  }
}

/// Takes the keys out of the parsed table.
private struct Reader {
  let path: String
  let text: String

  func parse() throws(Failure) -> TOMLTable {
    do {
      return try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw .configuration(path, line: error.source.begin.line, error.description)
    } catch {
      throw .configuration(path, line: nil, "it is not TOML")
    }
  }

  func wrong(_ key: [String], _ why: String) -> Failure {
    .configuration(
      path, line: ConfigurationText(text).line(of: key),
      "`\(key.joined(separator: "."))`: \(why)")
  }

  func refuseUnknown(_ table: TOMLTable, in above: [String], valid: [String]) throws(Failure) {
    let lines = ConfigurationText(text)
    let unknown = table.keys.filter { !valid.contains($0) }
      .map { (lines.line(of: above + [$0]), $0) }
      .sorted { ($0.0 ?? Int.max, $0.1) < ($1.0 ?? Int.max, $1.1) }
    guard let (line, key) = unknown.first else { return }
    throw .unknownKey(path, line: line, key: key, valid: valid)
  }

  func url(of name: String, in remotes: TOMLTable) throws(Failure) -> String {
    guard let table = remotes[name]?.table else {
      throw wrong(["remote", name], "it must be written as [remote.\(name)]")
    }
    try refuseUnknown(table, in: ["remote", name], valid: ConfigurationFile.remoteKeys)
    guard RemoteName.isValid(name) else {
      throw wrong(["remote", name], "a name has a-z, 0-9, then also . _ -")
    }
    guard let value = table["url"] else {
      throw wrong(["remote", name], "it has no `url`")
    }
    guard let url = value.string, !url.isEmpty else {
      throw wrong(["remote", name, "url"], "it must be the address, in quotes")
    }
    return url
  }

  func defaultRemote(
    _ top: TOMLTable, _ remotes: [String: String]
  ) throws(Failure) -> String? {
    guard let value = top["default-remote"] else { return nil }
    guard let name = value.string else {
      throw wrong(["default-remote"], "it must be a remote's name, in quotes")
    }
    guard remotes[name] != nil else {
      let near = NearestText.nearest(to: name, in: Array(remotes.keys)).first
      let hint = near.map { "; nearest: \($0)" } ?? ""
      throw wrong(["default-remote"], "there is no [remote.\(name)]\(hint)")
    }
    return name
  }
}
