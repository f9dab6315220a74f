// SPDX-License-Identifier: Apache-2.0

/// Walks rows in the format's path order, as they were when the cursor was made.
///
/// Holds a thousand rows at most in memory. A read error ends it early: then the files that are
/// missing are read again, nothing else.
public struct CatalogueCursor: IteratorProtocol, Sendable {
  private var snapshot: CatalogueStore.Snapshot?
  private let store: CatalogueStore?
  /// What is left, in reverse.
  private var ranges: [KeyRange]
  private var batch = RowBatch()
  private var position = 0

  init(_ store: CatalogueStore?, _ ranges: [KeyRange]) {
    self.store = store
    self.ranges = ranges.reversed()
    snapshot = store?.snapshot()
  }

  /// The next row, nil at the end.
  public mutating func next() -> CatalogueRow? {
    while position == batch.count {
      guard fetch() else { return nil }
    }
    defer { position += 1 }
    return CatalogueRow(path: PathKey.path(of: batch.key(position)), value: batch.value(position))
  }

  /// Loads the next batch, maybe an empty one; false at the end.
  private mutating func fetch() -> Bool {
    guard let snapshot, var range = ranges.popLast() else {
      // An open snapshot would keep the write-ahead log from being reused.
      self.snapshot = nil
      return false
    }
    batch = snapshot.rows(range)
    position = 0
    guard !batch.isLast, batch.count > 0 else { return true }
    // The smallest key behind the last one.
    let following = batch.key(batch.count - 1) + [0]
    guard range.lower.lexicographicallyPrecedes(following) else {
      // A damaged file: without this it could lead in circles.
      store?.noteDamage()
      self.snapshot = nil
      return true
    }
    range.lower = Array(following)
    ranges.append(range)
    return true
  }
}
