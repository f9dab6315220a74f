// SPDX-License-Identifier: Apache-2.0

import SnapFiles
import SnapFormat
import SnapLock

/// Counts the files and bytes of a backup beside it, so that a person sees how long it will take.
final class BackupCount: Sendable {
  private let state = Lock(State())

  private struct State {
    var totals: (files: UInt64, bytes: UInt64)?
    var isStopped = false
  }

  /// Nil until everything is counted.
  var totals: (files: UInt64, bytes: UInt64)? { state.with { $0.totals } }

  /// Begins to count; the walk is the same one that the backup takes.
  func start(_ options: BackupOptions) {
    Task.detached(priority: .utility) { [self] in
      // What cannot be walked is reported by the backup itself.
      guard var walker = try? TreeWalker(roots: options.roots, options: options.walk) else {
        return
      }
      var files: UInt64 = 0
      var bytes: UInt64 = 0
      while let event = walker.next() {
        if case .entry(let found) = event, Entry.Kind(mode: found.status.mode) == .file {
          files += 1
          bytes &+= found.status.size
        }
        if files & 1023 == 0, state.with({ $0.isStopped }) { return }
      }
      state.with { [files, bytes] in $0.totals = (files, bytes) }
    }
  }

  func stop() { state.with { $0.isStopped = true } }
}
