// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Glibc
import SnapLock

@testable import snap

/// Waits for a prompt on a pseudo terminal and types a password at once.
final class Typist: Sendable {
  private let master: Int32
  private let slave: Int32
  private let done = DispatchSemaphore(value: 0)
  private let found = Lock((echoWasOff: false, shown: [UInt8]()))

  init(master: Int32, slave: Int32) {
    self.master = master
    self.slave = slave
  }

  func begin() {
    Thread { [self] in
      var shown = readSome()
      var mode = termios()
      let known = unsafe tcgetattr(slave, &mode) == 0
      _ = LiveEnvironment.writeAll(master, Array("s3cret\n".utf8))
      // The line ending after the answer, and an echo if there were one.
      while !shown.contains(10) {
        let more = readSome()
        if more.isEmpty { break }
        shown += more
      }
      let (all, off) = (shown, known && mode.c_lflag & tcflag_t(ECHO) == 0)
      found.with { $0 = (off, all) }
      done.signal()
    }.start()
  }

  func end() -> (echoWasOff: Bool, shown: [UInt8]) {
    done.wait()
    return found.with { $0 }
  }

  /// Sends this process a signal as soon as the echo of a terminal is off.
  static func raiseWhenHidden(_ terminal: Int32, _ number: Int32) {
    Thread {
      var mode = termios()
      while unsafe tcgetattr(terminal, &mode) == 0, mode.c_lflag & tcflag_t(ECHO) != 0 {
        usleep(1000)
      }
      kill(getpid(), number)
    }.start()
  }

  private func readSome() -> [UInt8] {
    var room = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(master, &room, room.count)
    return count > 0 ? Array(room.prefix(count)) : []
  }
}
