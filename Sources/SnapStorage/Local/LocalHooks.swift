// SPDX-License-Identifier: Apache-2.0

/// What tests may see and change of a ``LocalBackend``; the default changes nothing.
package struct LocalHooks: Sendable {
  /// How `snap_store_rename_new` begins: 0 renameat2, 1 link, 2 look and rename.
  package var renameWay: Int32 = 0
  /// Called after each step that changes the disk.
  package var report: @Sendable (LocalEvent) -> Void = { _ in }
  /// Called before the fsync of an object; a negative errno takes its place.
  package var syncResult: @Sendable (_ name: String) -> Int32 = { _ in 0 }

  /// Changes nothing.
  package init() {}
}
