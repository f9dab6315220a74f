// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SnapLock

/// Objects that have their name but may not be on the disk yet.
final class DeferredWrites: Sendable {
  /// More files than this are not kept open: the next deferred write flushes first.
  static let countMax = 256

  private struct Pending: Sendable {
    // Kept open, since the kernel reports a failed writeback surely only to those who had the
    // file open when it happened.
    let file: Descriptor
    let folder: String
    let number: Int
  }
  private struct State: Sendable {
    var pending: [ObjectName: Pending] = [:]
    /// A second fsync of a file succeeds although its bytes are gone, so failures are kept.
    var lost: [ObjectName: BackendError] = [:]
    var nextNumber = 0
  }

  private let folders: LocalFolders
  private let hooks: LocalHooks
  private let state = Lock(State())
  /// How many flushes began. Of two at once the second waits: the kernel tells a failure only once.
  private let flushes = Lock(0)

  init(_ folders: LocalFolders, hooks: LocalHooks) {
    self.folders = folders
    self.hooks = hooks
  }

  /// Whether so many files are open that a flush is due.
  var isFull: Bool { state.with { $0.pending.count >= DeferredWrites.countMax } }

  /// Remembers an object that was just named. Its writeback begins at once.
  func remember(_ name: ObjectName, _ file: Descriptor) {
    snap_store_start_writeback(file.number)
    state.with { state in
      state.pending[name] = Pending(file: file, folder: name.folder, number: state.nextNumber)
      state.nextNumber += 1
    }
  }

  /// Forgets an object that is being removed.
  func forget(_ name: ObjectName) {
    state.with { state in
      state.pending[name] = nil
      state.lost[name] = nil
    }
  }

  /// Makes all remembered objects durable: each file, then each folder once.
  ///
  /// - Throws: what stopped it; then all stay remembered. A file that the disk refused makes
  ///   every later flush throw, until the object is removed.
  func flush() throws(BackendError) {
    try flushes.with { count throws(BackendError) in
      count += 1
      try flushAlone()
    }
  }

  private func flushAlone() throws(BackendError) {
    let (batch, lost) = state.with { ($0.pending, $0.lost.values.first) }
    if let lost { throw lost }
    guard !batch.isEmpty else { return }
    for (name, object) in batch.sorted(by: { $0.value.number < $1.value.number }) {
      do {
        let what = "cannot make \(name) durable"
        try checked(hooks.syncResult(name.text), what)
        try checked(snap_store_sync(object.file.number), what)
        hooks.report(.syncedFile(name.text))
      } catch {
        let isLost = state.with { state in
          guard state.pending[name]?.number == object.number else { return false }
          state.lost[name] = error
          return true
        }
        if isLost { throw error }
      }
    }
    try folders.sync(Set(batch.values.map(\.folder)))
    state.with { state in
      for (name, object) in batch where state.pending[name]?.number == object.number {
        state.pending[name] = nil
      }
    }
  }
}
