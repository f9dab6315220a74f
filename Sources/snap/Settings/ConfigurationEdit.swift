// SPDX-License-Identifier: Apache-2.0

/// Adding a remote to the configuration file as text, so that every other byte stays.
extension ConfigurationFile {
  /// The file with a remote added, not yet written. A remote of that name with the same address
  /// is left as it is. With `makeDefault` it becomes the default if none is set yet.
  ///
  /// Fails if the name is not permitted or belongs to another address.
  func adding(remote name: String, url: String, makeDefault: Bool) throws(Failure)
    -> ConfigurationFile
  {
    guard RemoteName.isValid(name) else {
      throw .usage(
        "`\(name)` cannot be the name of a remote",
        facts: [("meaning", "a name has a-z and 0-9, after the first letter also . _ -")],
        tries: [("snap init " + ShellWords.quote(url) + " --name backup", "another name")])
    }
    if let other = remotes[name], other != url {
      throw .usage(
        "the name \(name) belongs to another repository",
        facts: [("address", other), ("file", path)], safe: "nothing was changed",
        tries: [
          ("snap init \(ShellWords.quote(url)) --name \(freeName(name))", "another name"),
          ("snap snapshots --repo \(name)", "look into the other one"),
        ])
    }
    var next = text.isEmpty ? "version = 1\n" : text
    if makeDefault, defaultRemote == nil {
      next = ConfigurationText(next).insertingAtTop("default-remote = \"\(name)\"")
    }
    if remotes[name] == nil {
      let table = name.contains(".") ? "\"\(name)\"" : name
      next = ConfigurationText(next).appending([
        "[remote.\(table)]", "url = \(ConfigurationFile.quoted(url))",
      ])
    }
    if next == text { return self }
    return try checked(next, name: name, url: url, makeDefault: makeDefault)
  }

  /// Writes the text, complete or not at all, with mode 0600.
  func write() throws(Failure) {
    try PrivateFile.makeDirectory(PathText.parent(path))
    try PrivateFile.replace(path, with: Array(text.utf8))
  }

  /// A TOML basic string.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case let control where control.value < 32 || control.value == 127:
        let hex = String(control.value, radix: 16, uppercase: true)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// Proves that the edited text says what it should; a file in an unusual form is left alone.
  private func checked(
    _ next: String, name: String, url: String, makeDefault: Bool
  ) throws(Failure) -> ConfigurationFile {
    var expected = remotes
    expected[name] = url
    let wanted = defaultRemote ?? (makeDefault ? name : nil)
    guard let edited = try? ConfigurationFile(path: path, text: next),
      edited.remotes == expected, edited.defaultRemote == wanted
    else {
      throw .configuration(
        path, line: nil, "its form cannot be added to; write [remote.\(name)] into it yourself")
    }
    return edited
  }

  private func freeName(_ name: String) -> String {
    RemoteName.suggested(for: name, taken: Set(remotes.keys))
  }
}
