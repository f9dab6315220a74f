// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapRepository

/// Reads every pack and every copy whole: checksum, directory, each blob opened and named again.
struct PackProof: Sendable {
  let repository: Repository
  let pool: WorkerPool
  let events: EventSink

  private struct Task: Sendable {
    let object: ListedObject
    let name: String
  }

  private struct Outcome: Sendable {
    var name: String
    var bytes: UInt64 = 0
    var problem: String?
    var isNewer = false
    var badOffsets: [UInt32] = []
  }

  func run(_ state: inout VerifyState) async throws {
    var tasks: [Task] = []
    let store = repository.store
    for kind in [ObjectKind.treePack, .dataPack] {
      tasks += try await store.list(kind).map { Task(object: $0, name: kind.name(of: $0.id)) }
    }
    tasks += try await store.listMirror(.treePack).map {
      Task(object: $0, name: "mirror/" + ObjectKind.treePack.name(of: $0.id))
    }
    var progress = OperationProgress()
    progress.bytesTotal = tasks.reduce(0) { $0 + $1.object.size }
    var rest = tasks[...]
    let ring = repository.ring
    let workers = Lending { try FetchWorker(ring) }
    try await mapInOrder(
      on: pool, width: pool.count + 1,
      next: { rest.popFirst().map { .task($0) } },
      transform: { task in
        let worker = try workers.take()
        defer { workers.giveBack(worker) }
        return try await prove(task, worker)
      },
      emit: { (outcome: Outcome) in
        state.report.bytes += outcome.bytes
        progress.bytes += outcome.bytes
        events(.progress(progress))
        if let problem = outcome.problem {
          state.add(problem, outcome.name, outcome.isNewer ? .newer : .repairable)
        }
        for offset in outcome.badOffsets {
          state.badBlobs.insert(VerifyState.BlobPlace(object: outcome.name, offset: offset))
        }
      })
  }

  private func prove(_ task: Task, _ worker: FetchWorker) async throws -> Outcome {
    var outcome = Outcome(name: task.name)
    let bytes: [UInt8]
    do throws(RepositoryError) { bytes = try await repository.store.read(task.name) } catch {
      if error.code == .storage { throw error }
      // Swept between list and read.
      if !error.isNotFound { outcome.problem = error.detail }
      return outcome
    }
    outcome.bytes = UInt64(bytes.count)
    do {
      try proveBlobs(bytes, task, worker, &outcome)
    } catch let error as FormatError {
      if error.code == .noKey { return outcome }
      outcome.problem = "\(error)"
      outcome.isNewer = error.code == .unsupported
    }
    return outcome
  }

  private func proveBlobs(
    _ bytes: [UInt8], _ task: Task, _ worker: FetchWorker, _ outcome: inout Outcome
  ) throws {
    do throws(FormatError) { try ObjectTail.check(bytes) } catch {
      // Go on: which blobs are hit decides which files are lost.
      outcome.problem = "\(error)"
    }
    let header = try ObjectHeader(decoding: bytes[...])
    guard header.id == task.object.id, header.kind == task.object.kind else {
      throw FormatError(.mismatch, "object name or kind")
    }
    let key = try ObjectKey(opening: header, with: repository.ring)
    let directory = try PackDirectory(tail: bytes, objectLength: UInt64(bytes.count), key: key)
    let cipher = try key.cipher()
    var offset = ObjectHeader.byteCount
    for record in directory.records {
      let end = offset + Int(record.sealedCount)
      do {
        try unsafe bytes.withUnsafeBytes { raw in
          let sealed = unsafe UnsafeRawBufferPointer(rebasing: raw[offset..<end])
          try unsafe worker.opener.open(
            record, at: UInt64(offset), sealed: sealed, cipher: cipher,
            isTree: header.kind == .treePack
          ) { _ in }
        }
      } catch let error as FormatError {
        outcome.problem = outcome.problem ?? "\(error)"
        outcome.badOffsets.append(UInt32(offset))
      }
      offset = end
    }
  }
}
