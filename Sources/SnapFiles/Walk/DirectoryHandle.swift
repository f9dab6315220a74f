// SPDX-License-Identifier: Apache-2.0
import CLinux

/// An open directory; it is closed when nobody holds it any more.
@safe public final class DirectoryHandle: Sendable {
  /// Good for calls relative to a directory; it cannot always be listed.
  public let descriptor: Int32

  /// Takes the descriptor over.
  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { snap_file_close(descriptor) }

  /// Opens "/"; the error is a positive errno.
  static func root(isBare: Bool) -> Outcome {
    outcome(snap_file_open_root(isBare ? 1 : 0))
  }

  /// Opens a directory in this one, without following a link. A bare one serves only to look up
  /// names, for which no right to read is needed.
  func open(_ name: some Collection<UInt8>, isBare: Bool) -> Outcome {
    Self.outcome(
      unsafe CName.with(name) { leaf in
        unsafe snap_file_open_folder(descriptor, leaf, isBare ? 1 : 0)
      })
  }

  enum Outcome {
    case opened(DirectoryHandle)
    case failed(errno: Int32)
  }

  private static func outcome(_ result: Int32) -> Outcome {
    result < 0 ? .failed(errno: -result) : .opened(DirectoryHandle(result))
  }

  /// Looks at a name in this directory: 0 or -errno.
  func look(_ name: some Collection<UInt8>, _ status: inout snap_file_status) -> Int32 {
    unsafe CName.with(name) { leaf in unsafe snap_file_look(descriptor, leaf, &status) }
  }

  /// Looks at the directory itself: 0 or -errno.
  func look(_ status: inout snap_file_status) -> Int32 {
    unsafe snap_file_status_of(descriptor, &status)
  }
}
