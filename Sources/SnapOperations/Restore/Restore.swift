// SPDX-License-Identifier: Apache-2.0

import SnapFiles
import SnapFormat
public import SnapRepository

/// Brings files back: tree, plan, fetch by pack, write under a temporary name, finish.
public struct Restore: Sendable {
  private let options: RestoreOptions
  private let repository: Repository
  private let pool: WorkerPool
  private let events: EventSink

  /// A restore from `repository`.
  public init(
    _ options: RestoreOptions, from repository: Repository, pool: WorkerPool,
    events: @escaping EventSink
  ) {
    self.options = options
    self.repository = repository
    self.pool = pool
    self.events = events
  }

  /// Runs it.
  ///
  /// - Throws: ``RestoreConflict`` when the target holds something else, `FileError` when it
  ///   cannot be used or is full, ``RepositoryError`` when the tree or the storage fails.
  public func run() async throws -> RestoreReport {
    guard let root = options.snapshot.snapshot.root else {
      throw RepositoryError(.damaged, "snapshot without root")
    }
    guard repository.ring.role == .full else {
      throw RepositoryError(.notAllowed, "these keys cannot read file content")
    }
    let target = try TargetTree(path: options.target)
    let isContinued = try claim(target)
    let session = RestoreSession(
      repository: repository, target: target, pool: pool, metadata: options.metadata,
      isContinued: isContinued, events: events,
      total: (options.path.isEmpty ? options.snapshot.snapshot.statistics : nil))
    let plan = RestorePlan(roots: options.snapshot.snapshot.paths, path: options.path)
    var found = false
    for part in plan.parts {
      var tree = TreeReader(root, below: part.source, reader: session.reader)
      while true {
        let entry: Entry?
        do { entry = try await tree.next() } catch let error as RepositoryError
          where error.code == .damaged
        {
          // A node that no copy has costs what is below it; the walk goes on behind it.
          found = true
          session.lostNode(in: part.source, error)
          continue
        }
        guard let entry else { break }
        found = true
        try await session.add(entry, RestorePlan.destination(of: entry.path, in: part))
      }
    }
    try await session.flush()
    try await session.finishDirectories()
    if !found, !options.path.isEmpty {
      throw RepositoryError(.missing, "no such path in the snapshot")
    }
    try target.sync()
    try target.removeMarker()
    try target.release()
    return session.report
  }

  /// The target must be empty, or what an interrupted restore of the same snapshot left.
  private func claim(_ target: TargetTree) throws -> Bool {
    let own = Array("\(options.snapshot.id)\n".utf8) + options.path
    if let marker = try target.marker() {
      guard marker == own else {
        throw RestoreConflict(target: options.target, isOtherSnapshot: true)
      }
      _ = try target.sweep()
      return true
    }
    guard try target.isEmpty() else {
      throw RestoreConflict(target: options.target, isOtherSnapshot: false)
    }
    try target.setMarker(own)
    return false
  }
}
