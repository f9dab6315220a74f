// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapFormat

/// The newest state of each repository that this computer has seen, for the alarm when a storage
/// shows an older one. It holds no secret and lies with the other state.
struct SeenStates: Sendable {
  /// A state of a repository's configuration.
  struct State: Comparable, Sendable {
    /// The key epoch.
    var epoch: UInt64
    /// The number of the configuration within it.
    var sequence: UInt64

    /// Older first.
    static func < (a: State, b: State) -> Bool {
      (a.epoch, a.sequence) < (b.epoch, b.sequence)
    }
  }

  private let directory: String

  /// Uses the directory of `places`.
  init(_ places: Places) { directory = places.seen }

  /// The newest state seen; nil if none was, or if the note of it is damaged.
  func newest(repositoryID: [UInt8]) throws(Failure) -> State? {
    try PrivateFile.read(path(repositoryID)).flatMap(SeenStates.decode)
  }

  /// Notes a state if it is newer than the newest. Returns the newest, which may be another.
  func see(_ state: State, repositoryID: [UInt8]) throws(Failure) -> State {
    if let before = try newest(repositoryID: repositoryID), before >= state { return before }
    try PrivateFile.makeDirectory(directory)
    // Two processes at once must not put the older of their states last.
    let lockPath = directory + "/lock"
    let lock = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw .writing(lockPath, errno) }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 {
      guard errno == EINTR else { throw .writing(lockPath, errno) }
    }
    if let before = try newest(repositoryID: repositoryID), before >= state { return before }
    try PrivateFile.replace(
      path(repositoryID), with: Array("\(state.epoch) \(state.sequence)\n".utf8))
    return state
  }

  private func path(_ repositoryID: [UInt8]) -> String {
    directory + "/" + Hex.encode(repositoryID)
  }

  private static func decode(_ bytes: [UInt8]) -> State? {
    guard bytes.last == 10 else { return nil }
    let words = bytes.dropLast().split(separator: 32, omittingEmptySubsequences: false)
      .map { UInt64(String(decoding: $0, as: UTF8.self)) }
    guard words.count == 2, let epoch = words[0], let sequence = words[1] else { return nil }
    return State(epoch: epoch, sequence: sequence)
  }
}
