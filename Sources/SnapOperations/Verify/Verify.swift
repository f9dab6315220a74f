// SPDX-License-Identifier: Apache-2.0

import SnapFormat
public import SnapRepository

/// Proves that a repository is whole: lists, index, trees, existence and size of every object; with
/// `readData` every byte.
public struct Verify: Sendable {
  private let repository: Repository
  private let pool: WorkerPool
  private let readData: Bool
  private let events: EventSink

  /// A verification of `repository`.
  public init(
    _ repository: Repository, readData: Bool, pool: WorkerPool, events: @escaping EventSink
  ) {
    self.repository = repository
    self.readData = readData
    self.pool = pool
    self.events = events
  }

  /// Runs it; damage is a finding, not an error.
  ///
  /// - Throws: ``RepositoryError`` `.storage` when the storage fails.
  public func run() async throws -> VerifyReport {
    var state = VerifyState(report: VerifyReport())
    state.report.readData = readData
    try await checkSmall(&state)
    // Snapshots first, then the index: a backup that commits meanwhile is not half seen.
    let list = try await SnapshotList(repository)
    state.add(list.damaged, .repairable)
    let view = try await repository.reloadIndex()
    state.add(view.damaged, .repairable)
    try await checkPacks(view, &state)
    if readData {
      try await PackProof(repository: repository, pool: pool, events: events).run(&state)
    }
    try await checkTrees(list, &state)
    state.report.findings.sort { $0.object < $1.object }
    return state.report
  }

  /// Marker, slots, settings, and single objects of the other kinds.
  private func checkSmall(_ state: inout VerifyState) async throws {
    let store = repository.store
    do {
      let id = try Marker.decode(try await store.read(Marker.name))
      if id != repository.configuration.repositoryID {
        state.add("names another repository", Marker.name, .repairable)
      }
    } catch { state.add(Self.text(error), Marker.name, .repairable) }
    let (slots, damaged) = try await store.slots()
    state.report.objects += UInt64(slots.count)
    state.add(damaged, .repairable)
    for kind in [ObjectKind.configuration, .pending, .tombstone, .lease, .audit, .index] {
      let objects = try await store.list(kind)
      if kind == .configuration, objects.isEmpty { state.add("is missing", "conf/", .repairable) }
      for object in objects {
        state.report.objects += 1
        await checkSingle(object, kind.name(of: object.id), &state)
      }
    }
    let originals = try await store.list(.snapshot)
    for object in originals {
      state.report.objects += 1
      await checkSingle(object, ObjectKind.snapshot.name(of: object.id), &state)
    }
    let copies = try await store.listMirror(.snapshot)
    if repository.configuration.metadataCopies > 1 {
      let copied = Set(copies.map(\.id))
      for object in originals where !copied.contains(object.id) {
        state.add("is missing", "mirror/" + ObjectKind.snapshot.name(of: object.id), .repairable)
      }
    }
    for object in copies {
      state.report.objects += 1
      await checkSingle(object, "mirror/" + ObjectKind.snapshot.name(of: object.id), &state)
    }
  }

  private func checkSingle(
    _ object: ListedObject, _ name: String, _ state: inout VerifyState
  ) async {
    do {
      let bytes = try await repository.store.read(name)
      state.report.bytes += UInt64(bytes.count)
      let (header, payload) = try SealedPayload.open(
        bytes, kind: object.kind, id: object.id, ring: repository.ring)
      if object.kind == .configuration {
        _ = try Configuration(decoding: payload, epoch: header.epoch, ring: repository.ring)
      } else if object.kind == .snapshot || object.kind == .pending {
        let snapshot = try Snapshot(decoding: payload)
        if snapshot.run != header.run { throw FormatError(.mismatch, "run id") }
      } else if object.kind == .index {
        _ = try IndexSegment.decode(payload)
      }
    } catch let error as RepositoryError {
      // Removed meanwhile: a pending object of a backup that ended.
      if !error.isNotFound { state.add([error], .repairable) }
    } catch let error as FormatError {
      if error.code == .noKey { return }
      state.add("\(error)", name, error.code == .unsupported ? .newer : .repairable)
    } catch { state.add("\(error)", name, .repairable) }
  }

  /// Every indexed pack exists with its length, and so does its copy.
  private func checkPacks(_ view: IndexView, _ state: inout VerifyState) async throws {
    let store = repository.store
    for kind in [ObjectKind.dataPack, .treePack] {
      let listed = Dictionary(
        try await store.list(kind).map { ($0.id, $0.size) }, uniquingKeysWith: { a, _ in a })
      let mirrored =
        kind.isMirrored
        ? Dictionary(
          try await store.listMirror(kind).map { ($0.id, $0.size) }, uniquingKeysWith: { a, _ in a }
        )
        : [:]
      state.report.objects += UInt64(listed.count + mirrored.count)
      for pack in view.packs where pack.kind == kind {
        var good = 0
        for (name, size) in [
          (pack.name, listed[pack.id]), ("mirror/" + pack.name, mirrored[pack.id]),
        ] {
          if name.hasPrefix("mirror/"),
            !kind.isMirrored || (repository.configuration.metadataCopies < 2 && size == nil)
          {
            continue
          }
          if size == pack.length {
            good += 1
          } else {
            state.add(
              size.map { "has \($0) bytes instead of \(pack.length)" } ?? "is missing", name,
              .repairable)
          }
        }
        if good == 0 { state.lostPacks.insert(pack.id) }
      }
    }
  }

  /// Every node and chunk that a snapshot needs is there.
  private func checkTrees(_ list: SnapshotList, _ state: inout VerifyState) async throws {
    guard repository.ring.role != .writeOnly else { return }
    let reader = BlobReader(repository)
    var walk = TreeProof(repository: repository, reader: reader, badBlobs: state.badBlobs)
    walk.lostPacks = state.lostPacks
    for stored in list.snapshots {
      guard let root = stored.snapshot.root else { continue }
      let lost = try await walk.check(root)
      state.report.snapshots += 1
      for path in lost where state.report.lostFiles.count < 1000 {
        state.report.lostFiles.append((stored.id.description, path))
      }
    }
    state.add(reader.damage, .repairable)
    for object in walk.lostObjects { state.add("files depend on it", object, .lost) }
  }

  static func text(_ error: any Error) -> String { "\(error)" }
}

/// What a verification knows so far.
struct VerifyState {
  var report: VerifyReport
  var lostPacks = Set<ObjectID>()
  /// Blobs whose copy in a pack is damaged: by pack and offset.
  var badBlobs = Set<BlobPlace>()
  private var seen: [String: Int] = [:]

  init(report: VerifyReport) { self.report = report }

  struct BlobPlace: Hashable {
    let object: String
    let offset: UInt32
  }

  mutating func add(_ what: String, _ object: String, _ severity: Finding.Severity) {
    if let index = seen[object] {
      if severity == .lost { report.findings[index].severity = .lost }
      return
    }
    seen[object] = report.findings.count
    report.findings.append(Finding(severity: severity, object: object, what: what))
  }

  mutating func add(_ errors: [RepositoryError], _ severity: Finding.Severity) {
    for error in errors {
      add(error.detail, error.object, error.code == .newer ? .newer : severity)
    }
  }
}
