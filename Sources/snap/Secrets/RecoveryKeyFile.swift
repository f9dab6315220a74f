// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file a recovery key is saved in.
enum RecoveryKeyFile {
  /// Longest file that is read.
  static let limit = 64 << 10

  /// Saves text under a new name with mode 0600, synced. Never replaces anything.
  static func save(_ text: String, to path: String) throws(Failure) {
    guard try PrivateFile.createNew(path, with: Array(text.utf8)) else {
      throw .usage(
        "the file for the recovery key exists already", facts: [("file", path)],
        safe: "it was not touched",
        tries: [("ls -l " + ShellWords.quote(path), "look at it, or name another file")])
    }
  }

  /// Reads a file that should hold a recovery key; what is in it is not checked here.
  static func read(_ path: String) throws(Failure) -> String {
    guard let bytes = try PrivateFile.read(path) else { throw .reading(path, ENOENT) }
    guard bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
      throw .usage(
        "that file holds no recovery key", facts: [("file", path)],
        safe: "nothing was changed",
        tries: [("snap key test --recovery-key-file FILE", "name the file that holds it")])
    }
    return text
  }
}
