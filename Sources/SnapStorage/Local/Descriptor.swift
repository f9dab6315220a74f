// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// An open file or folder, closed when the last reference goes.
final class Descriptor: Sendable {
  /// The number that system calls take.
  let number: Int32

  /// Takes over the result of an opening call.
  ///
  /// - Throws: ``BackendError`` for a negative errno; `what` says what was tried.
  init(_ result: Int32, _ what: @autoclosure () -> String) throws(BackendError) {
    number = try checked(result, what())
  }

  deinit {
    snap_store_close(number)
  }
}
