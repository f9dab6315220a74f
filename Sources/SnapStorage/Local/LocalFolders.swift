// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import SnapLock

/// The folders of a local repository: opened without following links, synced with their parents.
final class LocalFolders: Sendable {
  let path: String
  let root: Descriptor
  private let report: @Sendable (LocalEvent) -> Void
  /// Folders that are known to be on the disk themselves: their parents were synced once.
  private let settled = Lock<Set<String>>([""])

  /// Opens the top folder.
  init(
    path: String, report: @escaping @Sendable (LocalEvent) -> Void
  ) throws(BackendError) {
    self.path = path
    self.report = report
    root = try Descriptor(unsafe snap_store_open_root(path), "cannot open the folder \(path)")
  }

  /// Opens a folder by its path below the top; nil when it does not exist.
  func open(_ folder: String) throws(BackendError) -> Descriptor? {
    let result = unsafe snap_store_open_folder(root.number, folder, 0)
    if result == -ENOENT || result == -ENOTDIR { return nil }
    return try Descriptor(result, failure("open", folder, result))
  }

  /// Opens a folder and makes it, and those above it, where missing.
  func make(_ folder: String) throws(BackendError) -> Descriptor {
    let result = unsafe snap_store_open_folder(root.number, folder, 1)
    return try Descriptor(result, failure("make", folder, result))
  }

  /// Makes the names in these folders durable, and the folders themselves.
  func sync(_ folders: Set<String>) throws(BackendError) {
    let known = settled.with { $0 }
    var all = folders
    for folder in folders where !known.contains(folder) {
      var above = folder
      while let parent = LocalFolders.parent(of: above) {
        all.insert(parent)
        above = parent
      }
    }
    for folder in all.sorted() {
      let result = unsafe snap_store_open_folder(root.number, folder, 0)
      let descriptor = try Descriptor(result, failure("open", folder, result))
      try checked(snap_store_sync_folder(descriptor.number), failure("sync", folder, 0))
      report(.syncedFolder(folder))
    }
    settled.with { $0.formUnion(all) }
  }

  private func failure(_ verb: String, _ folder: String, _ result: Int32) -> String {
    let place = folder.isEmpty ? path : "\(path)/\(folder)"
    let hint = result == -ELOOP ? " (a symbolic link inside a repository is not followed)" : ""
    return "cannot \(verb) the folder \(place)\(hint)"
  }

  private static func parent(of folder: String) -> String? {
    guard !folder.isEmpty else { return nil }
    guard let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(folder[..<slash])
  }
}
