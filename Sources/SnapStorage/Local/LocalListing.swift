// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Lists the objects of a local repository.
struct LocalListing {
  private let folders: LocalFolders
  private var found: [ObjectInfo] = []

  private init(_ folders: LocalFolders) {
    self.folders = folders
  }

  /// Everything that a scope asks for, in no order.
  static func objects(
    in scope: ListingScope, of folders: LocalFolders
  ) throws(BackendError) -> [ObjectInfo] {
    switch scope {
    case .object(let name):
      return try object(name, of: folders).map { [$0] } ?? []
    case .folder(let path):
      return try walk(from: path, of: folders)
    case .everything:
      return try walk(from: "", of: folders)
    }
  }

  private static func object(
    _ name: ObjectName, of folders: LocalFolders
  ) throws(BackendError) -> ObjectInfo? {
    guard let folder = try folders.open(name.folder) else { return nil }
    var entry = unsafe snap_store_entry()
    let result = unsafe snap_store_look(folder.number, name.leaf, &entry)
    if result == -ENOENT { return nil }
    try checked(result, "cannot look at \(name)")
    guard unsafe entry.kind == Int32(SNAP_STORE_FILE.rawValue) else { return nil }
    return unsafe ObjectInfo(name: name, size: Int(entry.size), modified: entry.modified)
  }

  private static func walk(
    from top: String, of folders: LocalFolders
  ) throws(BackendError) -> [ObjectInfo] {
    var listing = LocalListing(folders)
    var waiting = [top]
    while let path = waiting.popLast() {
      waiting += try listing.read(path)
    }
    return listing.found
  }

  /// Notes the files of one folder and gives the folders in it.
  private mutating func read(_ path: String) throws(BackendError) -> [String] {
    let result = unsafe snap_store_open_folder(folders.root.number, path, 0)
    if result == -ENOENT || result == -ENOTDIR { return [] }
    let what = "cannot list \(folders.path)/\(path)"
    try checked(result, what)
    var stream: UnsafeMutableRawPointer?
    try checked(unsafe snap_store_list_open(result, &stream), what)
    guard let stream = unsafe stream else { return [] }
    defer { unsafe snap_store_list_close(stream) }

    var deeper: [String] = []
    var entry = unsafe snap_store_entry()
    while try checked(unsafe snap_store_list_next(stream, &entry), what) > 0 {
      guard let leaf = unsafe entry.name else { continue }
      let text = unsafe (path.isEmpty ? "" : path + "/") + String(cString: leaf)
      // Foreign names, and folders in which only such could be, are passed over.
      guard let name = try? ObjectName(text) else { continue }
      switch unsafe entry.kind {
      case Int32(SNAP_STORE_FILE.rawValue):
        unsafe found.append(
          ObjectInfo(name: name, size: Int(entry.size), modified: entry.modified))
      case Int32(SNAP_STORE_FOLDER.rawValue):
        if text != "tmp" { deeper.append(text) }
      case Int32(SNAP_STORE_LINKED_FOLDER.rawValue):
        // To pass it over would make a repository look empty, and a collector delete the rest.
        throw BackendError(errno: ELOOP, "cannot list \(folders.path)/\(text), a symbolic link")
      default:
        continue
      }
    }
    return deeper
  }
}
