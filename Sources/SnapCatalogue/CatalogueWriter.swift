// SPDX-License-Identifier: Apache-2.0

internal import SnapFormat

/// Changes rows in transactions of some thousand; used by one thread at a time.
///
/// Rows of vanished files are removed by name: whoever merges a cursor with a walk sees them, and
/// an unchanged tree costs no writes. Open cursors do not see what is written. Call ``finish()`` at
/// the end; what was not finished is forgotten, which costs time in the next backup, nothing else.
public struct CatalogueWriter: Sendable {
  private static let changeCountMax = 4_000
  private static let byteCountMax = 4 << 20
  /// SQLite takes values of almost 1 GB; a larger file than this (16 TB) is read each time.
  private static let valueByteCountMax = 512 << 20

  private let store: CatalogueStore?
  private var changes: [CatalogueStore.Change] = []
  private var byteCount = 0
  /// A transaction failed (disk full, damaged file): from then on nothing is written.
  public private(set) var hasFailed = false

  init(_ store: CatalogueStore?) { self.store = store }

  /// Adds rows or replaces them.
  public mutating func put(_ rows: [CataloguedEntry]) {
    for row in rows { put(row) }
  }

  /// Adds a row or replaces it. A row whose content is folded, or whose path no tree may hold, is
  /// not kept.
  public mutating func put(_ row: CataloguedEntry) {
    guard TreePath.isSafe(row.entry.path) else { return }
    let key = PathKey.key(of: row.entry.path)
    let value = RowCodec.encode(row, key: key)
    let isKept = row.entry.content.level == 0 && value.count <= Self.valueByteCountMax
    add(CatalogueStore.Change(key: key, value: isKept ? value : nil))
  }

  /// Removes the rows of these very paths, not those below them.
  public mutating func remove(_ paths: [[UInt8]]) {
    for path in paths { add(CatalogueStore.Change(key: PathKey.key(of: path), value: nil)) }
  }

  /// Removes the rows of `roots` and all below them, in one transaction.
  public mutating func removeAll(below roots: [[UInt8]]) {
    finish()
    guard !hasFailed, let store else { return }
    hasFailed = !store.remove(KeyRange.ranges(below: roots))
  }

  /// Writes what is still buffered.
  public mutating func finish() {
    defer {
      changes.removeAll(keepingCapacity: true)
      byteCount = 0
    }
    guard !hasFailed, let store else { return }
    hasFailed = !store.apply(changes)
  }

  private mutating func add(_ change: CatalogueStore.Change) {
    guard !hasFailed, store != nil else { return }
    changes.append(change)
    byteCount += change.key.count + (change.value?.count ?? 0)
    if changes.count >= Self.changeCountMax || byteCount >= Self.byteCountMax { finish() }
  }
}
