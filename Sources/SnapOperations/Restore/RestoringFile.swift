// SPDX-License-Identifier: Apache-2.0

import SnapFiles
import SnapFormat
import SnapLock

/// A regular file that is being put together by several threads.
final class RestoringFile: Sendable {
  let entry: Entry
  let destination: [UInt8]
  private let state: Lock<State>

  private struct State {
    var output: OutputFile?
    var remaining: Int
    var failure: Failure?
    var isEnded = false
  }

  enum Failure: Sendable {
    case damaged(String)
    case local(FileError)
  }

  /// - Parameter pieces: writes to come before the file is complete.
  init(_ entry: Entry, at destination: [UInt8], pieces: Int) {
    self.entry = entry
    self.destination = destination
    state = Lock(State(remaining: pieces))
  }

  var failure: Failure? { state.with { $0.failure } }

  /// The open file; made at the first call, nil once the file has failed.
  func output(in target: TargetTree) throws(FileError) -> OutputFile? {
    try state.with { (state) throws(FileError) in
      if state.failure != nil { return nil }
      if let output = state.output { return output }
      let made = try target.createFile(destination, size: entry.size, flags: entry.flags)
      state.output = made
      return made
    }
  }

  /// Counts pieces as written; gives the file to whoever wrote the last one.
  func wrote(_ count: Int) -> OutputFile? {
    state.with { state in
      state.remaining -= count
      guard state.remaining <= 0, state.failure == nil, !state.isEnded else { return nil }
      state.isEnded = true
      defer { state.output = nil }
      return state.output
    }
  }

  /// Gives the file up; its temporary name goes away.
  func fail(_ failure: Failure) {
    let output = state.with { state -> OutputFile? in
      if state.failure == nil { state.failure = failure }
      defer { state.output = nil }
      return state.output
    }
    output?.discard()
  }
}
