// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// What can go wrong with the program's own small files.
extension Failure {
  /// The system's words for an error number.
  static func words(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
  }

  /// A file of snap's own could not be written.
  static func writing(_ path: String, _ code: Int32) -> Failure {
    if code == ENOSPC || code == EDQUOT {
      return .full("this disk is full", place: path, fact: words(code))
    }
    let isDenied = code == EACCES || code == EPERM
    return Failure(
      slug: "local.write", exit: isDenied ? ExitCode.denied : ExitCode.failed,
      title: "cannot write \(PathText.last(path))",
      facts: [("file", path), ("meaning", words(code))],
      tries: [("ls -ld " + ShellWords.quote(PathText.parent(path)), "see who may write there")])
  }

  /// A file of snap's own could not be read.
  static func reading(_ path: String, _ code: Int32) -> Failure {
    Failure(
      slug: "local.read", exit: ExitCode.usage, title: "cannot read \(PathText.last(path))",
      facts: [("file", path), ("meaning", words(code))],
      tries: [("ls -l " + ShellWords.quote(path), "see what it is and who may read it")])
  }

  /// A secret lies where others can read it.
  static func openToOthers(_ path: String) -> Failure {
    Failure(
      slug: "usage", exit: ExitCode.usage, title: "other users can read a secret of yours",
      facts: [("file", path), ("meaning", "only you may have rights on it; nothing was read")],
      tries: [("chmod go= " + ShellWords.quote(path), "take the rights from the others")])
  }

  /// A secret belongs to another user.
  static func ofSomebodyElse(_ path: String) -> Failure {
    Failure(
      slug: "usage", exit: ExitCode.usage, title: "this secret belongs to another user",
      facts: [("file", path), ("meaning", "it is not yours, so it was not used")],
      tries: [("ls -l " + ShellWords.quote(path), nil)])
  }
}
