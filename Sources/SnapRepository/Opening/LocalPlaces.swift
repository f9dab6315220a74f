// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// Where this computer keeps what it knows of one repository. All of it may be deleted.
public struct LocalPlaces: Sendable {
  /// Writer id, journals, newest settings seen.
  public let state: String
  /// Blob table and catalogue.
  public let cache: String

  /// The folders of one repository below the given ones.
  ///
  /// - Throws: ``RepositoryError`` `.localState` when they cannot be made.
  public init(
    stateRoot: String, cacheRoot: String, repositoryID: [UInt8]
  ) throws(RepositoryError) {
    let name = Hex.encode(repositoryID)
    state = stateRoot + "/" + name
    cache = cacheRoot + "/" + name
    try LocalFiles.makeDirectory(state)
    try LocalFiles.makeDirectory(cache)
    let tag = cacheRoot + "/CACHEDIR.TAG"
    if try LocalFiles.read(tag) == nil {
      // https://bford.info/cachedir/
      try LocalFiles.replace(
        tag, with: Array("Signature: 8a477f597d28d172789f06886806bc55\n".utf8))
    }
  }

  var journals: String { state + "/journal" }
  var configuration: String { state + "/conf" }
  var writer: String { state + "/writer" }
  var table: String { cache + "/blobs.table" }
  /// The catalogue's file.
  public var catalogue: String { cache + "/catalogue.sqlite" }
}
