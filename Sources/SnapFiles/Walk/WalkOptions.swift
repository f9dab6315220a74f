// SPDX-License-Identifier: Apache-2.0

/// What a walk leaves out.
public struct WalkOptions: Sendable {
  /// Patterns for the run, relative to each root: stronger than any `.snapignore`.
  public var excludes: [FilterPattern] = []
  /// Keep to the file system of each root.
  public var oneFileSystem = false
  /// Leave out what CACHEDIR.TAG marks, and `ownPaths`.
  public var defaultExcludes = true
  /// Directories of the repository that is written to: always left out.
  public var repositoryPaths: [FileIdentity] = []
  /// The program's own cache and state directories, where they lie below a root.
  public var ownPaths: [FileIdentity] = []

  /// The defaults, with nothing of the program's own.
  public init() {}
}
