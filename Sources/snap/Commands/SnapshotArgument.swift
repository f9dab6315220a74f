// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapOperations
import SnapRepository

/// Finds the snapshot, and the path inside it, that an argument names.
struct SnapshotArgument {
  let context: CommandContext
  let text: String

  struct Found {
    var snapshot: StoredSnapshot
    var listing: Listing
    /// In the tree; empty for everything.
    var path: [UInt8]
    /// The entry at the path; nil for the empty path.
    var entry: Entry?
  }

  /// - Throws: `Failure` with exit 23 when there is no such snapshot or path.
  func find(in repository: Repository) async throws -> Found {
    let mapper = FailureMapper(context.environment)
    let list = try await SnapshotList(repository)
    for error in list.damaged { context.output.note("damaged: \(error)") }
    let snapshot: StoredSnapshot
    let name: SnapshotName
    do throws(SnapshotName.Problem) {
      name = try SnapshotName(text)
      let resolved = try name.resolve(in: list, host: context.environment.hostName)
      snapshot = resolved.snapshot
      if resolved.isOtherHost {
        context.output.note(
          "No snapshot of this computer; taking the newest, of \(snapshot.snapshot.host).")
      }
    } catch { throw mapper.name(error, text) }
    let listing = try Listing(snapshot, in: repository)
    guard let found = try await listing.find(name.treePath(in: snapshot.snapshot)) else {
      throw mapper.name(.noPath(name.path ?? []), snapshot.shortID)
    }
    return Found(snapshot: snapshot, listing: listing, path: found.path, entry: found.entry)
  }
}
