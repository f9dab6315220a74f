// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapFiles
import SnapFormat
import SnapRepository

/// What the threads of a restore share.
struct FetchContext: Sendable {
  let repository: Repository
  let target: TargetTree
  let reader: BlobReader
  let metadata: MetadataOptions

  enum Job: Sendable {
    case fetch(FetchJob)
    /// Files without chunks.
    case simple([RestoringFile])
  }

  struct Outcome: Sendable {
    var losses: [MetadataLoss] = []
    var bytes: UInt64 = 0
    var path: [UInt8] = []
  }

  func run(_ job: Job, _ worker: FetchWorker) async throws -> Outcome {
    var outcome = Outcome()
    switch job {
    case .simple(let files):
      for file in files { try await writeSimple(file, &outcome) }
    case .fetch(let job): try await fetch(job, worker, &outcome)
    }
    return outcome
  }

  private func writeSimple(_ file: RestoringFile, _ outcome: inout Outcome) async throws {
    do {
      guard let output = try file.output(in: target) else { return }
      let inline = file.entry.content.inline
      if !inline.isEmpty {
        // FileError is the only error here; the closure cannot say so.
        unsafe try inline.withUnsafeBytes { unsafe try output.write($0, at: 0) }
      }
      if let whole = file.wrote(0) { try await finish(file, whole, &outcome) }
    } catch let error as FileError { try give(up: file, error) }
    outcome.bytes += file.entry.size
    outcome.path = file.entry.path
  }

  private func fetch(
    _ job: FetchJob, _ worker: FetchWorker, _ outcome: inout Outcome
  ) async throws {
    var sealed: [UInt8]?
    let range = job.range
    do throws(RepositoryError) {
      sealed = try await repository.store.read(job.pack.name, range)
    } catch {
      if error.code == .storage { throw error }
      // A pack that is gone may have been replaced: the reader looks, and notes it if not.
      if !error.isNotFound { reader.note(error) }
    }
    for blob in job.blobs {
      do {
        guard let sealed else { throw RepositoryError(.damaged, "", object: job.pack.name) }
        let cipher = try worker.cipher(job.pack, repository.ring)
        let start = Int(blob.offset) - range.lowerBound
        try unsafe sealed.withUnsafeBytes { raw in
          let part = unsafe UnsafeRawBufferPointer(
            rebasing: raw[start..<start + Int(blob.record.sealedCount)])
          try unsafe worker.opener.open(
            blob.record, at: UInt64(blob.offset), sealed: part, cipher: cipher, isTree: false
          ) { unsafe try write($0, to: blob.uses) }
        }
      } catch let error as FileError {
        throw error
      } catch {
        if let error = error as? FormatError {
          reader.note(RepositoryError(.damaged, "\(error)", object: job.pack.name))
        }
        try await readElsewhere(blob)
      }
      for use in blob.uses {
        outcome.bytes += UInt64(blob.record.rawCount)
        outcome.path = use.file.entry.path
        if let whole = use.file.wrote(1) {
          do { try await finish(use.file, whole, &outcome) } catch let error as FileError {
            try give(up: use.file, error)
          }
        }
      }
    }
  }

  /// Another copy of a damaged blob; without one, only the files that it belongs to are given up.
  private func readElsewhere(_ blob: WantedBlob) async throws {
    do {
      let content = try await reader.chunk(blob.record.id)
      unsafe try content.withUnsafeBytes { unsafe try write($0, to: blob.uses) }
    } catch let error as RepositoryError where error.code == .damaged {
      for use in blob.uses { use.file.fail(.damaged("\(error)")) }
    }
  }

  private func write(_ content: UnsafeRawBufferPointer, to uses: [BlobUse]) throws {
    for use in uses {
      do {
        unsafe try use.file.output(in: target)?.write(content, at: use.offset)
      } catch { try give(up: use.file, error) }
    }
  }

  private func finish(
    _ file: RestoringFile, _ output: OutputFile, _ outcome: inout Outcome
  ) async throws {
    let xattrs: [RestoredXattr]
    do { xattrs = try await Self.attributes(of: file.entry, reader) } catch let error
      as RepositoryError where error.code == .damaged
    {
      file.fail(.damaged("an attribute: \(error)"))
      output.discard()
      return
    }
    outcome.losses += try output.finish(file.entry, xattrs: xattrs, options: metadata)
  }

  private func give(up file: RestoringFile, _ error: FileError) throws {
    file.fail(.local(error))
    if [ENOSPC, EDQUOT, EIO, EROFS].contains(error.errno) { throw error }
  }

  static func attributes(of entry: Entry, _ reader: BlobReader) async throws -> [RestoredXattr] {
    var out: [RestoredXattr] = []
    for attribute in entry.xattrs { out.append(try await restored(attribute, reader)) }
    return out
  }

  static func restored(
    _ attribute: ExtendedAttribute, _ reader: BlobReader
  ) async throws -> RestoredXattr {
    let content = try await reader.flattened(attribute.content)
    // Linux: no value is longer than 64 KiB.
    guard content.byteCount <= 1 << 20 else {
      throw RepositoryError(.damaged, "length of an attribute")
    }
    var value = content.inline
    for (id, length) in zip(content.ids, content.lengths) {
      let part =
        try await id == .hole ? [UInt8](repeating: 0, count: Int(length)) : reader.chunk(id)
      guard UInt64(part.count) == length else {
        throw RepositoryError(.damaged, "length of a blob", object: id.description)
      }
      value += part
    }
    return RestoredXattr(name: attribute.name, value: value)
  }
}
