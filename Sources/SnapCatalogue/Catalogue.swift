// SPDX-License-Identifier: Apache-2.0

/// What each path looked like at the last backup to one repository, so that an unchanged file need
/// not be opened.
///
/// A cache: it never fails and never holds back a backup. A file that is damaged or not a catalogue
/// is deleted and begun anew; one that cannot be used at all (locked, no room, no permission) is
/// replaced by memory for this run. Several processes may use one file at once. What is read is
/// checked row by row. Paths are as in ``SnapFormat/Entry/path``; a root of no bytes means all.
public final class Catalogue: Sendable {
  private let store: CatalogueStore?

  /// Opens the catalogue at `path`, whose folder exists; in memory, at most 64 MiB, for nil.
  public convenience init(path: String?) { self.init(path: path, seconds: 10) }

  /// `seconds`: how long to wait for another process.
  init(path: String?, seconds: Double) {
    store = CatalogueStore.open(path, seconds: seconds)
  }

  /// Whether the rows outlive this process.
  public var isOnDisk: Bool { store?.isOnDisk ?? false }

  /// Says whether there are no rows for `roots` and what they hold.
  public func isEmpty(below roots: [[UInt8]]) -> Bool {
    store?.isEmpty(KeyRange.ranges(below: roots)) ?? true
  }

  /// The rows for `roots` and what they hold, as they are now: in path order, each once.
  public func cursor(below roots: [[UInt8]]) -> CatalogueCursor {
    CatalogueCursor(store, KeyRange.ranges(below: roots))
  }

  /// Changes rows, in transactions of its own.
  public func writer() -> CatalogueWriter { CatalogueWriter(store) }

  /// The snapshot, as hexadecimal digits, that the rows below `roots` come from; nil if unknown.
  ///
  /// It belongs to the set of roots, not to each.
  public func lastSnapshot(of roots: [[UInt8]]) -> String? {
    store?.origin(of: KeyRange.name(of: roots))
  }

  /// Notes the snapshot that the rows below `roots` come from; nil forgets it.
  public func setLastSnapshot(_ id: String?, of roots: [[UInt8]]) {
    store?.setOrigin(id, of: KeyRange.name(of: roots))
  }
}
