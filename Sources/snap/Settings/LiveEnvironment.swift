// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SnapFormat

extension Environment {
  /// The real surroundings of this process.
  static let live: Environment = {
    let variables = ProcessInfo.processInfo.environment
    let user = LiveEnvironment.user(geteuid())
    return Environment(
      variables: variables,
      passwordVariable: LiveEnvironment.variable("SNAP_PASSWORD"),
      home: variables["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? user.home,
      isRoot: geteuid() == 0,
      currentDirectory: FileManager.default.currentDirectoryPath,
      stdinIsTerminal: isatty(0) == 1,
      stdoutIsTerminal: isatty(1) == 1,
      stderrIsTerminal: isatty(2) == 1,
      userName: user.name,
      hostName: LiveEnvironment.hostName(),
      terminalWidth: LiveEnvironment.width,
      now: LiveEnvironment.now,
      uptime: LiveEnvironment.uptime,
      utcOffset: LiveEnvironment.utcOffset,
      write: LiveEnvironment.write,
      ask: Terminal.ask)
  }()
}

/// The system calls behind `Environment.live`.
enum LiveEnvironment {
  /// A variable's bytes; nil if it is not set.
  static func variable(_ name: String) -> [UInt8]? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe Array(UnsafeBufferPointer(start: value, count: strlen(value)))
      .map { UInt8(bitPattern: $0) }
  }

  /// Name and home of a user from the user database; the number and `/` where it is not there.
  static func user(_ id: uid_t) -> (name: String, home: String) {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16384)
    // The entry points into the buffer, so both are read inside.
    return unsafe buffer.withUnsafeMutableBufferPointer { room in
      guard let start = room.baseAddress else { return ("\(id)", "/") }
      let code = unsafe getpwuid_r(id, &entry, start, room.count, &found)
      guard code == 0, unsafe found != nil, let name = unsafe entry.pw_name,
        let home = unsafe entry.pw_dir
      else {
        return ("\(id)", "/")
      }
      return unsafe (String(cString: name), String(cString: home))
    }
  }

  /// The name of this computer, or `localhost`.
  static func hostName() -> String {
    var name = [UInt8](repeating: 0, count: 256)
    let code = unsafe name.withUnsafeMutableBytes { room in
      // The room is not empty, so it has a beginning.
      guard let start = room.baseAddress else { return Int32(-1) }
      return unsafe gethostname(start.assumingMemoryBound(to: CChar.self), room.count - 1)
    }
    let text = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    return code == 0 && !text.isEmpty ? text : "localhost"
  }

  /// Columns of the terminal behind standard error or output, at least 40; 80 without one.
  static func width() -> Int {
    for descriptor: Int32 in [2, 1] {
      var size = winsize()
      if unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
        return max(40, Int(size.ws_col))
      }
    }
    return 80
  }

  /// The wall clock.
  static func now() -> FileTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return FileTime(seconds: Int64(time.tv_sec), nanoseconds: UInt32(clamping: time.tv_nsec))
  }

  /// Seconds since the computer was started.
  static func uptime() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Seconds east of UTC at a moment, by the system's time zone.
  static func utcOffset(_ seconds: Int64) -> Int {
    var moment = time_t(seconds)
    var parts = unsafe tm()
    guard unsafe localtime_r(&moment, &parts) != nil else { return 0 }
    return unsafe parts.tm_gmtoff
  }

  /// Writes everything; a reader of standard output that is gone ends the process like SIGPIPE,
  /// a full disk behind it is a failure, trouble with standard error is passed over.
  static func write(_ descriptor: Int32, _ bytes: [UInt8]) throws(Failure) {
    let code = writeAll(descriptor, bytes)
    guard code != 0, descriptor == 1 else { return }
    if code == EPIPE {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
      exit(ExitCode.signal(SIGPIPE))
    }
    throw .writing("standard output", code)
  }

  /// Writes everything to a descriptor. Returns 0 or the error's number.
  static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32 {
    unsafe bytes.withUnsafeBytes { all in
      var rest = unsafe all[...]
      while unsafe !rest.isEmpty {
        let count = unsafe Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 {
          unsafe rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          unsafe poll(&wait, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
