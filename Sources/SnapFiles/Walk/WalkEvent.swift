// SPDX-License-Identifier: Apache-2.0

/// What a walk gives, in the format's path order.
public enum WalkEvent: Sendable {
  /// A node to keep.
  case entry(FoundEntry)
  /// Something that could not be looked at; the walk goes on.
  case problem(FileError)
}
