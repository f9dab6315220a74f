// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension BackendError {
  /// A failed system call.
  ///
  /// - Parameter number: the value of errno.
  /// - Parameter what: what was tried, like "cannot write snap/…".
  init(errno number: Int32, _ what: String) {
    let words = unsafe String(cString: snap_store_error_text(number))
    self.init(BackendError.code(errno: number), "\(what): \(words)")
  }

  private static func code(errno number: Int32) -> Code {
    switch number {
    case ENOENT: .notFound
    case EEXIST: .exists
    case EACCES, EPERM: .accessDenied
    case ENOSPC, EDQUOT: .full
    case EROFS: .readOnly
    case EFBIG: .tooLarge
    case ENODEV, ENXIO, ESTALE, ETIMEDOUT, ENOTCONN, ECONNRESET, ECONNABORTED, ECONNREFUSED,
      EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ESHUTDOWN:
      .unreachable
    default: .io
    }
  }
}

/// Passes the result of a `snap_store_…` call on, or throws its negative errno.
@discardableResult
func checked<Value: SignedInteger>(
  _ result: Value, _ what: @autoclosure () -> String
) throws(BackendError) -> Value {
  guard result < 0 else { return result }
  throw BackendError(errno: Int32(truncatingIfNeeded: -result), what())
}
