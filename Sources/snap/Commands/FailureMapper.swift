// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapFiles
import SnapFormat
import SnapOperations
import SnapRepository
import SnapStorage

/// The one table from errors to what a person reads and the exit code.
struct FailureMapper {
  private let environment: Environment

  init(_ environment: Environment) { self.environment = environment }

  func failure(_ error: any Error) -> Failure {
    switch error {
    case let error as Failure: return error
    case let error as RepositoryError: return repository(error)
    case let error as BackendError: return storage(error, "")
    case let error as FileError: return file(error)
    case let error as RestoreConflict: return conflict(error)
    case let error as FilterError:
      return .usage("a pattern makes no sense", facts: [("meaning", "\(error)")])
    case let error as FormatError:
      return .lost("the repository", facts: [("meaning", "\(error)")])
    case let error as SnapshotName.Problem: return name(error, "")
    default: return .internal("\(type(of: error)): \(error)")
    }
  }

  private func repository(_ error: RepositoryError) -> Failure {
    let fact = error.description
    switch error.code {
    case .missing: return .repoMissing("this place", found: error.detail)
    case .exists: return .repoExists("this place", created: nil)
    case .wrongKey: return .keyWrong("the repository", what: "key")
    case .notAllowed:
      return .denied(
        "these keys may not do that", fact: fact, tries: [("snap key list", "what keys there are")])
    case .newer: return .newer("the repository", fact: fact)
    case .damaged: return .lost("the repository", facts: [("meaning", fact)])
    case .storage:
      guard let storage = error.storage else {
        return .unreachable("the repository", fact: fact)
      }
      return self.storage(storage, error.object)
    case .localState:
      return Failure(
        slug: "local.state", exit: ExitCode.failed,
        title: "cannot use a file of snap's own state", facts: [("meaning", fact)],
        safe: "your backups are not affected", tries: [("snap snapshots", "try again")])
    case .runExpired, .blobsGone:
      return Failure(
        slug: "repo.busy", exit: ExitCode.busy, title: "this backup was overtaken by others",
        facts: [("meaning", fact)], safe: "what was saved before is not affected",
        tries: [("snap backup", "run the same command again")])
    }
  }

  private func storage(_ error: BackendError, _ object: String) -> Failure {
    let place = object.isEmpty ? "the storage" : object
    switch error.code {
    case .notFound: return .repoMissing("this place", found: error.detail)
    case .full:
      return .full("the storage is full", place: place, fact: error.detail, storage: true)
    case .accessDenied, .readOnly:
      return .denied(
        "the storage does not allow it", fact: error.detail,
        tries: [("snap snapshots", "reading may still work")])
    case .unreachable, .io: return .unreachable("the repository", fact: error.detail)
    default: return .lost("the repository", facts: [("meaning", error.detail)])
    }
  }

  private func file(_ error: FileError) -> Failure {
    let path = EscapedText.printable(error.path)
    let reason = unsafe String(cString: strerror(error.errno))
    switch error.errno {
    case ENOSPC, EDQUOT:
      return .full(
        "this disk is full", place: path, fact: reason,
        safe: "files that were finished are whole; run the same command to continue")
    case ENOENT where error.doing != "make":
      return .sourceMissing([path])
    default:
      return Failure(
        slug: "local.file", exit: ExitCode.failed, title: "cannot \(error.doing) a file",
        facts: [("file", path), ("meaning", reason)], safe: "your backups are not affected",
        tries: [("ls -ld \(ShellWords.quote(path))", "see what is there")])
    }
  }

  private func conflict(_ error: RestoreConflict) -> Failure {
    var failure = Failure.restoreConflict(
      target: error.target, count: nil, examples: [],
      again: "snap restore SNAPSHOT --to \(ShellWords.quote(error.target + "-2"))")
    if error.isOtherSnapshot {
      failure.title = "another restore was begun in the target"
    }
    return failure
  }

  /// A snapshot's name that names nothing.
  func name(_ problem: SnapshotName.Problem, _ text: String) -> Failure {
    switch problem {
    case .malformed: return .snapshotUnknown(text, nearest: [])
    case .unknown(let near): return .snapshotUnknown(text, nearest: near.map(\.shortID))
    case .ambiguous(let found):
      return .snapshotUnknown(text, nearest: found.map(\.shortID), ambiguous: true)
    case .noPath(let path):
      return .pathUnknown(EscapedText.printable(path), snapshot: text, nearest: [])
    }
  }
}

extension StoredSnapshot {
  /// The first eight digits, as shown to people.
  var shortID: String { String(id.description.prefix(8)) }
}
