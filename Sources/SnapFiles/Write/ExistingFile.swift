// SPDX-License-Identifier: Apache-2.0
import CLinux

/// A regular file of the target, open for a check of what an interrupted restore left.
public final class ExistingFile: Sendable {
  /// What it looked like when it was opened.
  public let status: TargetStatus

  private let descriptor: Int32
  /// The whole path, for errors.
  private let path: [UInt8]

  init(_ descriptor: Int32, path: [UInt8]) throws(FileError) {
    var status = snap_out_status()
    let result = unsafe snap_out_status_of(descriptor, &status)
    self.descriptor = descriptor
    self.path = path
    self.status = TargetStatus(status)
    // All is set, so deinit closes the file.
    if result < 0 { throw FileError(path: path, errno: -result, doing: "look at") }
  }

  deinit { snap_out_close(descriptor) }

  /// Fills `buffer` from `offset`; gives back the bytes read, fewer only at the end of the file.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
  ) throws(FileError) -> Int {
    guard let start = buffer.baseAddress, unsafe !buffer.isEmpty, offset <= UInt64(Int64.max)
    else { return 0 }
    let got = unsafe snap_out_read(descriptor, start, buffer.count, offset)
    guard got >= 0 else {
      throw FileError(path: path, errno: Int32(truncatingIfNeeded: -got), doing: "read")
    }
    return Int(got)
  }
}
