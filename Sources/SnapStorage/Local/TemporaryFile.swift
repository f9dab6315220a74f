// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SnapLock

/// A file in `tmp/` on its way to its name; removed at the end unless it was renamed.
final class TemporaryFile: Sendable {
  /// How the file may get its name.
  enum Naming: Sendable {
    /// Never over another file; `way` as `snap_store_rename_new` counts.
    case new(way: Int32)
    case replace
  }

  let file: Descriptor
  private let tmp: Descriptor
  private let leaf: String
  private let purpose: String
  private let isNamed = Lock(false)

  /// Writes a new file, mode 0600, and proves its length.
  ///
  /// - Parameter purpose: what the bytes are, for messages.
  init(
    in tmp: Descriptor, _ body: ObjectBody, _ purpose: String
  ) throws(BackendError) {
    let random = String(UInt64.random(in: .min ... .max), radix: 16)
    let leaf = String(repeating: "0", count: 16 - random.count) + random
    self.tmp = tmp
    self.leaf = leaf
    self.purpose = purpose
    let file = try Descriptor(
      unsafe snap_store_create(tmp.number, leaf), "cannot make a file for \(purpose) in tmp")
    self.file = file
    // From here on all is set, so a throw runs deinit, which removes the file.
    let result = unsafe body.withUnsafeBytes { bytes in
      unsafe snap_store_write_all(file.number, bytes.baseAddress, bytes.count)
    }
    try checked(result, "cannot write \(purpose)")
    let length = try checked(snap_store_length(file.number), "cannot look at \(purpose)")
    guard length == Int64(body.count) else {
      throw BackendError(
        .corrupt, "\(purpose) has \(length) bytes after the write, not \(body.count)")
    }
  }

  deinit {
    if !isNamed.with({ $0 }) { _ = unsafe snap_store_remove(tmp.number, leaf) }
  }

  /// Makes the bytes durable.
  func sync() throws(BackendError) {
    try checked(snap_store_sync(file.number), "cannot make \(purpose) durable")
  }

  /// Gives the file its name.
  ///
  /// - Throws: ``BackendError`` `.exists` when the name is taken and must not be replaced.
  func rename(to name: String, in folder: Descriptor, _ naming: Naming) throws(BackendError) {
    let result =
      switch naming {
      case .new(let way):
        unsafe snap_store_rename_new(tmp.number, leaf, folder.number, name, way)
      case .replace:
        unsafe snap_store_rename(tmp.number, leaf, folder.number, name)
      }
    try checked(result, "cannot give \(purpose) its name")
    isNamed.with { $0 = true }
  }
}
