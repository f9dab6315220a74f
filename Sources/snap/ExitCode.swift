// SPDX-License-Identifier: Apache-2.0

/// The exit codes of the program: the only table of them.
///
/// 0, 1, 2, 3, 10, 11, 12 and 130 mean what restic means by them, so that wrappers keep working.
enum ExitCode {
  /// Done, everything healthy.
  static let done: Int32 = 0
  /// Failed, none of the others.
  static let failed: Int32 = 1
  /// Wrong use: option, argument, environment variable, configuration.
  static let usage: Int32 = 2
  /// Done, but some source files could not be read or kept changing.
  static let warnings: Int32 = 3
  /// No repository there.
  static let noRepository: Int32 = 10
  /// Another process holds what is needed.
  static let busy: Int32 = 11
  /// Wrong password or key.
  static let wrongKey: Int32 = 12
  /// Not allowed by the storage or by the key's role.
  static let denied: Int32 = 13
  /// The storage or a disk is full.
  static let full: Int32 = 14
  /// The storage cannot be reached or kept failing; safe to run again.
  static let unreachable: Int32 = 15
  /// There is a repository already.
  static let exists: Int32 = 17
  /// Made by a newer version.
  static let newer: Int32 = 18
  /// Damage found, all of it repairable.
  static let damaged: Int32 = 20
  /// Something is lost, or a restore delivered less than everything.
  static let lost: Int32 = 21
  /// No such snapshot or path.
  static let unknownSnapshot: Int32 = 23
  /// The restore target holds other content; nothing was changed.
  static let conflict: Int32 = 24
  /// An answer was needed and could not be asked for.
  static let needAnswer: Int32 = 25
  /// A fault of the program itself.
  static let `internal`: Int32 = 70

  /// The code after a signal: 129 SIGHUP, 130 SIGINT, 143 SIGTERM.
  static func signal(_ number: Int32) -> Int32 { 128 + number }
}
