// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import SnapFormat
import SnapLock

/// Shows how far a command is, from a thread of its own.
///
/// `update` may be called from any thread at any rate: it only stores. `stop` returns when the
/// thread has ended and its lines are gone.
final class Progress: Sendable {
  /// How progress is shown.
  enum Style: Equatable, Sendable {
    /// Two lines, redrawn, on a terminal.
    case bar
    /// One line a minute.
    case plain
    /// One JSON object a second at most.
    case json
    /// Not at all.
    case none

    /// Seconds between two looks.
    var interval: Double {
      switch self {
      case .bar: 0.25
      case .plain: 60
      case .json: 1
      case .none: 3600
      }
    }

    /// Decides between what was asked for (`auto`, `bar`, `plain`, `json`, `none`, or nil) and
    /// what the surroundings allow.
    static func choose(
      _ option: String?, environment: Environment, output: Output
    ) throws(Failure) -> Style {
      let words = Environment.progressStyles
      if let option, !words.contains(option) {
        throw .usage(
          "unknown progress style", facts: [("known", words.joined(separator: ", "))],
          tries: [("snap backup --progress plain", nil), ("snap backup -h", nil)])
      }
      let variable = try environment.choice("SNAP_PROGRESS", of: words)
      let wish = option ?? variable ?? "auto"
      if wish == "none" { return .none }
      // A JSON stream holds nothing but JSON; text would be on the other descriptor, but unread.
      if output.isJSON { return .json }
      switch wish {
      case "bar": return .bar
      case "plain": return .plain
      case "json": return .json
      default: break
      }
      if output.isQuiet { return .none }
      let dumb = environment.variables["TERM"] == "dumb"
      return environment.stderrIsTerminal && !dumb ? .bar : .plain
    }
  }

  private let environment: Environment
  private let output: Output
  private let style: Style
  private let view: ProgressView
  private let state = Lock(ProgressState())
  private let rate = Lock(ProgressRate())
  private let isRunning = Lock(false)
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// Prepares; nothing is shown before `start`.
  init(
    _ environment: Environment, output: Output, style: Style, label: String,
    verb: String = "reading"
  ) {
    self.environment = environment
    self.output = output
    self.style = style
    view = ProgressView(label: label, verb: verb, isUTF8: environment.isUTF8)
  }

  /// Takes the newest state.
  func update(_ newest: ProgressState) { state.with { $0 = newest } }

  /// Changes the state in place, for callers that count.
  func update(_ change: (inout ProgressState) -> Void) { state.with { change(&$0) } }

  /// Begins to show; the first lines of a bar appear at once.
  func start() {
    guard style != .none, isRunning.with({ running in take(&running) }) else { return }
    let thread = Thread { [self] in
      run()
      ended.signal()
    }
    thread.name = "progress"
    thread.start()
  }

  /// Ends the thread and takes its lines away. Can be called twice, and without `start`.
  func stop() {
    let was = isRunning.with { running in
      defer { running = false }
      return running
    }
    guard was else { return }
    wake.signal()
    ended.wait()
    output.clearDrawn()
  }

  /// Shows the present state once, now.
  func show() {
    let now = state.with { $0 }
    let rate = rate.with { rate in
      rate.see(now, at: environment.uptime())
      return rate
    }
    switch style {
    case .bar: output.draw(view.bar(now, rate, width: environment.terminalWidth()))
    case .plain:
      let time = environment.now()
      let offset = environment.utcOffset(time.seconds)
      output.note(view.plain(now, rate, time: time, offset: offset))
    case .json:
      let line = now.json(secondsLeft: rate.secondsLeft(now))
      output.progress(line)
    case .none: break
    }
  }

  private func take(_ running: inout Bool) -> Bool {
    defer { running = true }
    return !running
  }

  private func run() {
    if style == .bar { show() }
    var looked = environment.uptime()
    while true {
      // A log wants a speed of the last seconds, not of its whole minute.
      let step = min(style.interval, 5)
      if wake.wait(timeout: .now() + step) == .success { return }
      let now = environment.uptime()
      if now - looked >= style.interval * 0.99 {
        looked = now
        show()
      } else {
        let latest = state.with { $0 }
        rate.with { $0.see(latest, at: now) }
      }
    }
  }
}

extension Output {
  /// Writes an object of progress, on standard output in a JSON stream, else on standard error.
  func progress(_ line: JSONLine) {
    if isJSON {
      try? emit(line: nil, json: line)
    } else {
      note(line.text)
    }
  }
}
