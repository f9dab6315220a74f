// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import SnapLock

/// Ends the process in order when it is told to stop; any moment is safe.
enum StopSignals {
  private static let sources = Lock<[any DispatchSourceSignal]>([])

  /// `SIG_IGN` of signal(2), as the number it is on Linux.
  private static let ignored = 1

  /// Listens for SIGINT, SIGTERM and SIGHUP.
  static func install(_ output: Output) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // Somebody above decided that this signal does not matter (nohup).
      var old = sigaction()
      unsafe sigaction(number, nil, &old)
      let handler = unsafe unsafeBitCast(old.__sigaction_handler, to: Int.self)
      if handler == Self.ignored { continue }
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: DispatchQueue.global(qos: .userInteractive))
      source.setEventHandler { stop(number, output) }
      source.resume()
      sources.with { $0.append(source) }
    }
  }

  private static func stop(_ number: Int32, _ output: Output) {
    Terminal.restore()
    output.fail(
      .stopped(
        signal: number,
        kept: "what is stored already is kept; run the same command to continue"))
    _exit(ExitCode.signal(number))
  }
}
