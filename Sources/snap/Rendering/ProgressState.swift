// SPDX-License-Identifier: Apache-2.0

/// How far a command is.
struct ProgressState: Equatable, Sendable {
  /// Files that are finished.
  var filesDone: UInt64 = 0
  /// All files, once they are counted.
  var filesTotal: UInt64?
  /// Bytes of those files and of the parts of others that are finished.
  var bytesDone: UInt64 = 0
  /// Bytes of all files, once they are counted.
  var bytesTotal: UInt64?
  /// Bytes given to the storage.
  var bytesSent: UInt64 = 0
  /// The file that is being worked on, as its raw bytes.
  var currentPath: [UInt8] = []

  /// 0 … 1, once the total is known.
  var share: Double? {
    guard let total = bytesTotal, total > 0 else { return nil }
    return min(1, Double(bytesDone) / Double(total))
  }

  /// The object of the JSON stream.
  func json(secondsLeft: Double?) -> JSONLine {
    var line = JSONLine(type: "progress")
    line.add("files_done", filesDone)
    line.add("files_total", filesTotal)
    line.add("bytes_done", bytesDone)
    line.add("bytes_total", bytesTotal)
    line.add("bytes_sent", bytesSent)
    line.add("seconds_left", secondsLeft)
    return line
  }
}

/// Speeds and the time left, from states seen one after another.
struct ProgressRate: Sendable {
  /// Bytes a second that are read.
  private(set) var reading = 0.0
  /// Bytes a second that are sent.
  private(set) var sending = 0.0
  private var last: (time: Double, state: ProgressState)?

  /// How fast older speeds lose their weight: after this many seconds about a third is left.
  private static let memory = 8.0

  /// Takes a state seen at `time`, in seconds of a clock that never jumps.
  mutating func see(_ state: ProgressState, at time: Double) {
    guard let before = last else {
      last = (time, state)
      return
    }
    let seconds = time - before.time
    guard seconds >= 0.1 else { return }
    let weight = min(1, max(seconds / ProgressRate.memory, reading == 0 ? 1 : 0))
    let read = Double(state.bytesDone) - Double(before.state.bytesDone)
    let sent = Double(state.bytesSent) - Double(before.state.bytesSent)
    reading += (max(0, read) / seconds - reading) * weight
    sending += (max(0, sent) / seconds - sending) * weight
    last = (time, state)
  }

  /// Seconds until everything is done at the present speed; nil while that cannot be told.
  func secondsLeft(_ state: ProgressState) -> Double? {
    guard let total = state.bytesTotal, reading >= 1 else { return nil }
    if total <= state.bytesDone { return 0 }
    return Double(total - state.bytesDone) / reading
  }
}
