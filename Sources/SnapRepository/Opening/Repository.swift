// SPDX-License-Identifier: Apache-2.0

public import SnapFormat
import SnapLock
public import SnapStorage

/// An opened repository: settings read, keys unlocked, index loaded when first needed.
public final class Repository: Sendable {
  /// Its objects.
  public let store: ObjectStore
  /// Its keys, as far as this client has them.
  public let ring: KeyRing
  /// Its settings.
  public let configuration: Configuration
  /// Why the settings could not be read from the storage; then those remembered here are used, or
  /// the standard ones for reading only.
  public let configurationProblem: RepositoryError?
  /// Whether settings are known well enough to write.
  public let canWrite: Bool
  /// What this computer keeps of it.
  public let places: LocalPlaces?
  private let view: Lock<IndexView?>

  init(
    store: ObjectStore, ring: KeyRing, configuration: Configuration,
    problem: RepositoryError?, canWrite: Bool, places: LocalPlaces?
  ) {
    self.store = store
    self.ring = ring
    self.configuration = configuration
    configurationProblem = problem
    self.canWrite = canWrite
    self.places = places
    view = Lock(nil)
  }

  /// Opens the repository on `backend`.
  ///
  /// - Parameter places: makes the local folders for a repository id; nil keeps nothing.
  /// - Throws: ``RepositoryError`` `.missing`, `.wrongKey`, `.newer`, `.damaged`, `.storage`.
  public static func open(
    _ backend: any Backend, unlock: Unlock,
    places: @Sendable ([UInt8]) throws -> LocalPlaces?
  ) async throws -> Repository {
    let store = ObjectStore(backend)
    let found = try await store.list(.configuration)
    if found.isEmpty { try await store.requireSomething() }
    let ring = try await store.unlock(unlock).ring
    let read = try await ConfigurationReader(store: store, ring: ring).newest(of: found)
    var configuration = read.configuration
    var local: LocalPlaces?
    let id: [UInt8]?
    if let known = configuration?.repositoryID { id = known } else { id = await store.markerID() }
    if let id { local = try places(id) }
    var isRemembered = false
    if let local {
      let memory = ConfigurationMemory(local.configuration)
      if let configuration {
        try memory.compare(configuration, epoch: read.epoch)
        memory.remember(read.payload, epoch: read.epoch)
      } else if let old = memory.recall(ring) {
        configuration = old
        isRemembered = true
      }
    }
    let unknown = Set(configuration?.readFeatures ?? []).subtracting(Configuration.knownFeatures)
    guard unknown.isEmpty else {
      throw RepositoryError(.newer, "needs features: \(unknown.sorted().joined(separator: ", "))")
    }
    let canWrite =
      configuration.map { $0.writeFeatures.allSatisfy(Configuration.knownFeatures.contains) }
      ?? false
    return Repository(
      store: store, ring: ring,
      configuration: configuration ?? Configuration(repositoryID: id ?? [], created: 0),
      problem: isRemembered || configuration == nil || !read.damaged.isEmpty
        ? read.damaged.first : nil,
      canWrite: canWrite, places: local)
  }

  var loader: IndexLoader {
    IndexLoader(store: store, ring: ring, tablePath: places?.table)
  }

  /// The index, loaded once; ``reloadIndex()`` takes a fresh one.
  public func index() async throws(RepositoryError) -> IndexView {
    if let view = view.with({ $0 }) { return view }
    return try await reloadIndex()
  }

  /// Lists and loads the index again.
  @discardableResult
  public func reloadIndex() async throws(RepositoryError) -> IndexView {
    let fresh = try await loader.load()
    view.with { $0 = fresh }
    return fresh
  }

  /// Adds the directories of packs that no index segment names; for a lost or damaged index.
  ///
  /// - Returns: the view with them, and the packs that could not be read.
  public func indexFromPacks() async throws(RepositoryError) -> (
    view: IndexView, damaged: [RepositoryError]
  ) {
    let view = try await index()
    let scan = DirectoryScan(store: store, ring: ring)
    let (groups, damaged) = try await scan.unindexed(beyond: view)
    guard !groups.isEmpty else { return (view, damaged) }
    let whole = view.adding(groups, segment: nil)
    self.view.with { $0 = whole }
    return (whole, damaged)
  }
}

extension ObjectStore {
  /// Nothing can be opened without `conf/`, except when something else is there: then the caller
  /// goes on with what it remembers.
  public func requireSomething() async throws(RepositoryError) {
    let all: [ObjectInfo]
    do throws(BackendError) { all = try await backend.list("") } catch {
      if error.code == .notFound { throw RepositoryError(.missing, "nothing is there") }
      throw RepositoryError(error, "cannot list the repository")
    }
    let known = all.contains { info in
      info.name.text == Marker.name || info.name.text.hasPrefix("keys/")
        || ObjectKind.parse(info.name.text) != nil
    }
    guard known else {
      throw RepositoryError(
        .missing, all.isEmpty ? "the place is empty" : "other files are there, no repository")
    }
  }

  /// The repository id in the marker, if it can be read: not authenticated.
  public func markerID() async -> [UInt8]? {
    guard let bytes = try? await read(Marker.name) else { return nil }
    return try? Marker.decode(bytes)
  }
}
