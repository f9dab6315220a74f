// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFiles
import SnapFormat

/// Joins the walk with what the catalogue remembers; both come in path order.
struct ParentJoin {
  private var cursor: CatalogueCursor
  private var row: CatalogueRow?
  /// Remembered paths that the walk did not meet.
  private(set) var removed: [[UInt8]] = []

  init(_ catalogue: Catalogue, below roots: [[UInt8]]) {
    cursor = catalogue.cursor(below: roots)
    row = cursor.next()
  }

  /// What is remembered of this path.
  mutating func match(_ path: [UInt8]) -> CataloguedEntry? {
    while let current = row, TreePath.precedes(current.path, path) {
      removed.append(current.path)
      row = cursor.next()
    }
    guard let current = row, current.path == path else { return nil }
    row = cursor.next()
    return current.decoded()
  }

  /// After the last entry of the walk.
  mutating func finish() {
    while let current = row {
      removed.append(current.path)
      row = cursor.next()
    }
  }

  /// Whether a file need not be opened: everything recorded agrees, ctime at least.
  static func isUnchanged(_ old: CataloguedEntry, _ found: FoundEntry) -> Bool {
    let status = found.status
    let entry = old.entry
    guard let ctime = entry.ctime, ctime == status.ctime, entry.mtime == status.mtime,
      entry.mode == status.mode, entry.uid == status.uid, entry.gid == status.gid,
      !entry.note.contains(.changedWhileRead), !entry.note.contains(.readError)
    else { return false }
    if let identity = old.identity {
      guard identity.device == status.device, identity.inode == status.inode else { return false }
    }
    switch entry.kind {
    case .file: return entry.size == status.size
    case .characterDevice, .blockDevice:
      return entry.rdevMajor == status.rdevMajor && entry.rdevMinor == status.rdevMinor
    case .symlink: return UInt64(entry.target.count) == status.size || status.size == 0
    default: return true
    }
  }
}
