// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// Everything a command takes from the world around it, handed in once at the start.
///
/// Commands and tests see only this; nothing below asks the system itself.
struct Environment: Sendable {
  /// The environment variables.
  var variables: [String: String]
  /// `SNAP_PASSWORD` as its bytes, which need not be UTF-8.
  var passwordVariable: [UInt8]?
  /// The home directory: `HOME`, else that of the user database, else `/`.
  var home: String
  /// Whether the effective user is root.
  var isRoot: Bool
  /// The working directory, absolute.
  var currentDirectory: String
  /// Whether standard input is a terminal.
  var stdinIsTerminal: Bool
  /// Whether standard output is a terminal.
  var stdoutIsTerminal: Bool
  /// Whether standard error is a terminal.
  var stderrIsTerminal: Bool
  /// The name of the effective user, or its number.
  var userName: String
  /// The name of this computer.
  var hostName: String
  /// The width of the terminal in columns, asked anew at every call; 80 where there is none.
  var terminalWidth: @Sendable () -> Int
  /// The wall clock.
  var now: @Sendable () -> FileTime
  /// Seconds of a clock that never jumps.
  var uptime: @Sendable () -> Double
  /// The local time zone's seconds east of UTC at a moment (seconds since 1970).
  var utcOffset: @Sendable (Int64) -> Int
  /// Writes all bytes to descriptor 1 or 2. Ends the process quietly when the reader of 1 is gone.
  var write: @Sendable (_ descriptor: Int32, _ bytes: [UInt8]) throws(Failure) -> Void
  /// Shows a prompt on the controlling terminal and reads one line, without echo if `hidden`;
  /// nil where there is no terminal or the input ended.
  var ask: @Sendable (_ prompt: String, _ hidden: Bool) throws(Failure) -> [UInt8]?

  /// Whether nothing may be asked: `SNAP_NO_INPUT`, or standard input is no terminal.
  /// Nonsense in the variable is a usage failure.
  func noInput() throws(Failure) -> Bool {
    if let wish = try flag("SNAP_NO_INPUT") { return wish || !stdinIsTerminal }
    return !stdinIsTerminal
  }

  /// Whether the locale's encoding is UTF-8.
  var isUTF8: Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = variables[name], !value.isEmpty else { continue }
      let lower = value.lowercased()
      return lower.contains("utf-8") || lower.contains("utf8")
    }
    return false
  }
}
