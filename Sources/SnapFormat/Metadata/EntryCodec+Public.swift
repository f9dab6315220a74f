// SPDX-License-Identifier: Apache-2.0

/// The form of an entry outside a tree, for caches that keep the path elsewhere.
///
/// It is that of a leaf, with the whole path shared with the entry before; but it may be of any
/// length, because all chunk ids of a large file stand in it, not folded into lists.
extension Entry {
  /// The encoded entry without its path.
  public func encodedWithoutPath() -> [UInt8] { encoded(after: path) }

  /// Reads what ``encodedWithoutPath()`` gave, the path from elsewhere.
  ///
  /// - Throws: ``FormatError`` `.malformed`, `.truncated`, `.tooLarge`, `.mismatch`, `.unsafePath`.
  ///   Never traps, whatever the bytes.
  public init(
    decodingWithoutPath bytes: ArraySlice<UInt8>, path: [UInt8]
  ) throws(FormatError) {
    try self.init(decoding: bytes, after: path, limit: .max)
    guard self.path == path else { throw FormatError(.mismatch, "path of an entry") }
  }
}
