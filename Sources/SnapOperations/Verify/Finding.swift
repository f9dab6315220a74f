// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong in a repository.
public struct Finding: Sendable, Hashable {
  /// How bad it is.
  public enum Severity: String, Sendable {
    /// Another copy is good, or it can be made anew.
    case repairable
    /// Files are lost.
    case lost
    /// Written by a newer version: cannot be judged.
    case newer
  }

  /// How bad.
  public var severity: Severity
  /// The object, as named in the backend.
  public var object: String
  /// What is wrong.
  public var what: String
}

/// What a verification found.
public struct VerifyReport: Sendable {
  /// Everything that is wrong.
  public var findings: [Finding] = []
  /// Objects looked at.
  public var objects: UInt64 = 0
  /// Bytes read and proved.
  public var bytes: UInt64 = 0
  /// Snapshots whose trees were walked.
  public var snapshots = 0
  /// Files in them that cannot be restored whole: snapshot id and path, at most 1,000.
  public var lostFiles: [(snapshot: String, path: [UInt8])] = []
  /// Whether content was read.
  public var readData = false
  /// Nothing found yet.
  public init() {}
}
