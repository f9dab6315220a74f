// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting

/// The files of a repository as they lie on the disk.
struct Objects {
  /// The length of each, by its name; without the reserve.
  let lengths: [String: Int]

  /// Lists a repository; a missing one is empty.
  init(_ repository: String) throws {
    var found: [String: Int] = [:]
    func list(_ folder: String) throws {
      // What is listed may be gone a moment later: a backup may be running.
      for name in (try? FileMaker.names(in: repository + "/" + folder)) ?? [] {
        let path = folder + name
        guard let mode = FileMaker.mode(of: repository + "/" + path) else { continue }
        if mode & S_IFMT == S_IFDIR {
          try list(path + "/")
        } else if path != "tmp/reserve" {
          found[path] = FileMaker.size(of: repository + "/" + path)?.length
        }
      }
    }
    try list("")
    lengths = found
  }

  /// The names, sorted.
  var names: [String] { lengths.keys.sorted() }

  /// The sum of all lengths.
  var bytes: Int { lengths.values.reduce(0, +) }

  /// The sum of the lengths of those that were not there before.
  func bytes(since before: Objects) -> Int {
    lengths.filter { before.lengths[$0.key] == nil }.values.reduce(0, +)
  }
}
