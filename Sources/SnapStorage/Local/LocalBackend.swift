// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A repository in a folder of this computer or of a network file system mounted here.
///
/// Objects are written to `tmp/`, synced and renamed (FORMAT.md, "Back-end rules"), so that a
/// crash at any byte leaves nothing but files in `tmp/`. Folders below the top are made when needed
/// and symbolic links among them are never followed. A file `tmp/reserve` of 1 MiB is given
/// up when the disk is full: for removals, and for objects of at most 256 KiB whose ``WriteMode``
/// allows it. It is made again by the next write that finds room. All calls block.
public final class LocalBackend: Backend {
  /// The folder, as given.
  public let path: String

  private let folders: LocalFolders
  private let deferred: DeferredWrites
  private let reserve: Reserve
  private let hooks: LocalHooks

  /// Opens a folder as a store; with `create` makes it first where it is missing.
  ///
  /// Without `create` nothing is written.
  /// - Throws: ``BackendError`` `.notFound` when there is no folder, `.accessDenied`, `.full`, ….
  public convenience init(path: String, create: Bool) throws(BackendError) {
    try self.init(path: path, create: create, hooks: LocalHooks())
  }

  /// Opens a folder, for tests.
  package init(path: String, create: Bool, hooks: LocalHooks) throws(BackendError) {
    if create { try checked(unsafe snap_store_make_path(path), "cannot make the folder \(path)") }
    self.path = path
    self.hooks = hooks
    folders = try LocalFolders(path: path, report: hooks.report)
    deferred = DeferredWrites(folders, hooks: hooks)
    reserve = Reserve(folders)
    if create { reserve.ensure() }
  }

  /// Four requests at once keep a disk busy.
  public var traits: BackendTraits {
    BackendTraits(connections: 4, createOnly: true, isLocal: true)
  }

  /// Lists by walking the folders. See ``Backend``.
  public func list(_ prefix: String) async throws(BackendError) -> [ObjectInfo] {
    try LocalListing.objects(in: ListingScope(prefix), of: folders)
  }

  /// Reads with one `pread`, whole or a range. See ``Backend``.
  public func read(
    _ name: ObjectName, _ range: Range<Int>?
  ) async throws(BackendError) -> [UInt8] {
    guard let folder = try folders.open(name.folder) else { throw missing(name) }
    var size: Int64 = 0
    let result = unsafe snap_store_open_file(folder.number, name.leaf, &size)
    if result == -ENOENT { throw missing(name) }
    let file = try Descriptor(result, "cannot open \(name) in \(path)")
    guard size <= Int64(BackendTraits.objectSizeMax) else { throw tooLarge(name, Int(size)) }
    let wanted = range ?? 0..<Int(size)
    guard wanted.lowerBound >= 0, wanted.upperBound <= Int(size) else {
      throw BackendError(
        .rangeBeyondEnd,
        "cannot read bytes \(wanted.lowerBound)..<\(wanted.upperBound) of \(name): "
          + "it has \(size)")
    }
    guard !wanted.isEmpty else { return [] }
    var outcome: Int64 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: wanted.count) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      outcome = unsafe snap_store_read_at(
        file.number, start, wanted.count, Int64(wanted.lowerBound))
      count = max(0, Int(outcome))
    }
    try checked(outcome, "cannot read \(name) in \(path)")
    guard bytes.count == wanted.count else {
      throw BackendError(.corrupt, "\(name) in \(path) became shorter while it was read")
    }
    return bytes
  }

  /// Writes through `tmp/`. See ``Backend`` and ``LocalBackend``.
  public func write(
    _ body: ObjectBody, to name: ObjectName, _ mode: WriteMode
  ) async throws(BackendError) {
    guard body.count <= BackendTraits.objectSizeMax else { throw tooLarge(name, body.count) }
    do {
      try writeOnce(body, name, mode)
    } catch {
      guard error.code == .full, mode.usesReserve, body.count <= Reserve.objectSizeMax,
        reserve.release()
      else { throw error }
      try writeOnce(body, name, mode)
    }
    reserve.ensure()
  }

  /// Removes the file; durable, and possible on a full disk. See ``Backend``.
  public func remove(_ name: ObjectName) async throws(BackendError) {
    do {
      try removeOnce(name)
    } catch {
      guard error.code == .full, reserve.release() else { throw error }
      try removeOnce(name)
    }
  }

  /// Makes deferred writes durable. See ``Backend``.
  public func flush() async throws(BackendError) {
    try deferred.flush()
  }

  /// Gives up the room of `tmp/reserve`; false when there was none. The next write that finds
  /// room makes it again.
  @discardableResult
  public func releaseReserve() -> Bool {
    reserve.release()
  }

  private func writeOnce(
    _ body: ObjectBody, _ name: ObjectName, _ mode: WriteMode
  ) throws(BackendError) {
    let isDurable = mode.durability == .durable
    if isDurable || deferred.isFull { try deferred.flush() }
    let folder = try folders.make(name.folder)
    if mode.createOnly { try refuseExisting(name, in: folder) }
    let temporary = try TemporaryFile(in: folders.make("tmp"), body, name.text)
    if isDurable {
      try checked(hooks.syncResult(name.text), "cannot make \(name) durable")
      try temporary.sync()
      hooks.report(.syncedFile(name.text))
    }
    try temporary.rename(
      to: name.leaf, in: folder, mode.createOnly ? .new(way: hooks.renameWay) : .replace)
    hooks.report(.named(name.text))
    guard isDurable else {
      deferred.remember(name, temporary.file)
      return
    }
    deferred.forget(name)
    do {
      try folders.sync([name.folder])
    } catch {
      // Not acknowledged, so the same write must be possible again.
      if mode.createOnly { _ = unsafe snap_store_remove(folder.number, name.leaf) }
      throw error
    }
  }

  /// Saves writing a whole pack that the rename would refuse.
  private func refuseExisting(
    _ name: ObjectName, in folder: Descriptor
  ) throws(BackendError) {
    var entry = unsafe snap_store_entry()
    guard unsafe snap_store_look(folder.number, name.leaf, &entry) == 0 else { return }
    throw BackendError(.exists, "cannot write \(name) in \(path): it exists")
  }

  private func removeOnce(_ name: ObjectName) throws(BackendError) {
    guard let folder = try folders.open(name.folder) else { return }
    let result = unsafe snap_store_remove(folder.number, name.leaf)
    // A folder of that name is no object, so there is nothing to remove.
    if result == -EISDIR { return }
    if result != -ENOENT { try checked(result, "cannot remove \(name) in \(path)") }
    deferred.forget(name)
    // Also when it was gone: an earlier try may have failed just here.
    hooks.report(.removed(name.text))
    try folders.sync([name.folder])
  }

  private func missing(_ name: ObjectName) -> BackendError {
    BackendError(.notFound, "\(name) does not exist in \(path)")
  }

  private func tooLarge(_ name: ObjectName, _ size: Int) -> BackendError {
    BackendError(
      .tooLarge, "\(name) has \(size) bytes, more than the \(BackendTraits.objectSizeMax) allowed")
  }
}
