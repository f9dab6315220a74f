// SPDX-License-Identifier: Apache-2.0

/// A row under a cursor: its path at once, the rest when asked for.
public struct CatalogueRow: Sendable {
  /// The whole path: raw bytes, no leading '/'.
  public let path: [UInt8]
  private let value: ArraySlice<UInt8>

  init(path: [UInt8], value: ArraySlice<UInt8>) {
    self.path = path
    self.value = value
  }

  /// What the path looked like; nil if the row is damaged: then the file is to be read.
  public func decoded() -> CataloguedEntry? { RowCodec.decode(value, path: path) }
}
