// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// How the terminal was before a prompt, for the signal handler and `Terminal.restore`.
/// Written before `promptIsOpen` is set and read only after it was seen set.
nonisolated(unsafe) private var savedMode = termios()
nonisolated(unsafe) private var promptDescriptor: Int32 = -1
nonisolated(unsafe) private var promptIsOpen: sig_atomic_t = 0

private let fatalSignals: [Int32] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]

/// Puts the terminal back, then lets the signal do what it does by default.
private func restoreAndRaise(_ number: Int32) {
  Terminal.restore()
  signal(number, SIG_DFL)
  raise(number)
}

/// Questions on the controlling terminal.
enum Terminal {
  /// Switches the echo on again if a prompt had it off. Safe in a signal handler and at any time.
  static func restore() {
    guard unsafe promptIsOpen != 0 else { return }
    unsafe tcsetattr(promptDescriptor, TCSANOW, &savedMode)
    unsafe promptIsOpen = 0
  }

  /// Shows `prompt` on the controlling terminal and reads a line; nil without a terminal or at the
  /// end of input. With `hidden` nothing typed appears; Ctrl-U clears, Ctrl-C ends the process.
  static func ask(_ prompt: String, _ hidden: Bool) throws(Failure) -> [UInt8]? {
    let descriptor = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return ask(prompt, hidden, on: descriptor)
  }

  /// The same on a terminal that is open already.
  static func ask(_ prompt: String, _ hidden: Bool, on descriptor: Int32) -> [UInt8]? {
    guard hidden else {
      _ = LiveEnvironment.writeAll(descriptor, Array(prompt.utf8))
      return readVisible(descriptor)
    }
    var mode = termios()
    guard unsafe tcgetattr(descriptor, &mode) == 0 else { return nil }
    let old = takeSignals()
    defer { giveBack(old) }
    unsafe savedMode = mode
    unsafe promptDescriptor = descriptor
    unsafe promptIsOpen = 1
    defer { restore() }
    // Without ISIG Ctrl-C arrives as a byte, so that the terminal is put back first.
    mode.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG)
    // Echo goes off, and what was typed too early is dropped, before the prompt can be seen.
    guard unsafe tcsetattr(descriptor, TCSAFLUSH, &mode) == 0 else { return nil }
    _ = LiveEnvironment.writeAll(descriptor, Array(prompt.utf8))
    let line = readHidden(descriptor)
    _ = LiveEnvironment.writeAll(descriptor, [10])
    return line
  }

  private static func readByte(_ descriptor: Int32) -> UInt8? {
    var byte: UInt8 = 0
    while true {
      let count = unsafe read(descriptor, &byte, 1)
      if count == 1 { return byte }
      if count == 0 || errno != EINTR { return nil }
    }
  }

  private static func readVisible(_ descriptor: Int32) -> [UInt8]? {
    var line = [UInt8]()
    while let byte = readByte(descriptor) {
      if byte == 10 { return line }
      line.append(byte)
    }
    return line.isEmpty ? nil : line
  }

  private static func readHidden(_ descriptor: Int32) -> [UInt8]? {
    var line = LineEditor()
    while let byte = readByte(descriptor) {
      switch line.take(byte) {
      case .more: continue
      case .done: return line.bytes
      case .ended: return nil
      case .interrupted(let number):
        restore()
        _ = LiveEnvironment.writeAll(descriptor, [10])
        kill(getpid(), number)
        return nil
      }
    }
    return nil
  }

  private static func takeSignals() -> [(Int32, sigaction)] {
    var old: [(Int32, sigaction)] = []
    for number in fatalSignals {
      var before = sigaction()
      guard unsafe sigaction(number, nil, &before) == 0 else { continue }
      // A caller that handles or ignores the signal itself keeps it, and calls `restore`.
      guard unsafe before.__sigaction_handler.sa_handler == nil else { continue }
      var ours = sigaction()
      unsafe ours.__sigaction_handler.sa_handler = restoreAndRaise
      if unsafe sigaction(number, &ours, nil) == 0 { old.append((number, before)) }
    }
    return old
  }

  private static func giveBack(_ old: [(Int32, sigaction)]) {
    for (number, action) in old {
      var before = action
      unsafe sigaction(number, &before, nil)
    }
  }
}

/// The editing keys of a hidden line.
struct LineEditor {
  /// What a byte did.
  enum Step: Equatable {
    /// The line goes on.
    case more
    /// Enter.
    case done
    /// Ctrl-D on an empty line.
    case ended
    /// Ctrl-C or Ctrl-\: the signal's number.
    case interrupted(Int32)
  }

  /// What the line holds.
  private(set) var bytes: [UInt8] = []

  /// Takes one byte as the terminal sends it.
  mutating func take(_ byte: UInt8) -> Step {
    switch byte {
    case 10, 13: return .done
    case 3: return .interrupted(SIGINT)
    case 28: return .interrupted(SIGQUIT)
    case 4: return bytes.isEmpty ? .ended : .more
    case 21: bytes.removeAll()
    case 8, 127:
      // One character, not one byte: the continuation bytes of UTF-8 go with it.
      while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
    default: bytes.append(byte)
    }
    return .more
  }
}
