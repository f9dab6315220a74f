// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import SnapLock

/// What a command says: the only place that knows whether that is text or JSON.
///
/// Standard output is the result, everything else goes to standard error. Lines of progress on a
/// terminal are taken away before anything else is written. Every call writes at once.
final class Output: Sendable {
  /// Whether results are JSON lines.
  let isJSON: Bool
  /// Whether only failures and results asked for are written.
  let isQuiet: Bool
  /// Whether names must be escaped: standard output is a terminal.
  let isTerminal: Bool

  private let environment: Environment
  private let isUTF8: Bool
  private let drawn = Lock(0)

  /// Writes through the environment.
  init(_ environment: Environment, json: Bool = false, quiet: Bool = false) {
    self.environment = environment
    isJSON = json
    isQuiet = quiet
    isTerminal = environment.stdoutIsTerminal
    isUTF8 = environment.isUTF8
  }

  /// Begins a JSON stream; text has no such line.
  func start(
    version: String, command: String, run: String, more: JSONLine = JSONLine()
  ) throws(Failure) {
    guard isJSON else { return }
    var line = JSONLine(type: "start")
    line.add("schema", 1)
    line.add("snap", version)
    line.add("command", command)
    line.add("run", run)
    line.add(contentsOf: more)
    try write(1, line.text + "\n")
  }

  /// Writes one line of the result, or its JSON object; nil leaves that form out.
  func emit(
    line: @autoclosure () -> String?, json: @autoclosure () -> JSONLine?
  ) throws(Failure) {
    if isJSON {
      if let object = json() { try write(1, object.text + "\n") }
    } else if let text = line() {
      try write(1, text + "\n")
    }
  }

  /// Writes one line of the result that is bytes (a raw name), or its JSON object.
  func emit(
    bytes: @autoclosure () -> [UInt8], json: @autoclosure () -> JSONLine?
  ) throws(Failure) {
    if isJSON {
      if let object = json() { try write(1, object.text + "\n") }
    } else {
      try writeRaw(1, bytes() + [10])
    }
  }

  /// Refuses JSON for a command whose result is bytes.
  func requireText(_ why: String) throws(Failure) {
    if isJSON { throw .usage("\(why); it has no JSON form") }
  }

  /// Writes a file's content as it is, without a line ending.
  func emitContent(_ bytes: [UInt8]) throws(Failure) { try writeRaw(1, bytes) }

  /// A name for a line of text: escaped on a terminal, its raw bytes elsewhere.
  func name(_ bytes: [UInt8]) -> [UInt8] {
    isTerminal ? Array(EscapedText.printable(bytes).utf8) : bytes
  }

  /// Ends a JSON stream that went well, or well with warnings. Text has no such line.
  func result(exit: Int32, _ more: JSONLine = JSONLine()) throws(Failure) {
    guard isJSON else { return }
    var line = JSONLine(type: "result")
    line.add("ok", true)
    line.add("exit", exit)
    line.add(contentsOf: more)
    try write(1, line.text + "\n")
  }

  /// Shows a failure, as the last object of JSON or as text on standard error.
  func fail(_ failure: Failure) {
    // Nothing can be said about trouble with saying it.
    if isJSON {
      try? write(1, failure.json().text + "\n")
    } else {
      try? write(2, failure.lines().joined(separator: "\n") + "\n")
    }
  }

  /// Shows something that does not end the command.
  func warn(_ failure: Failure) {
    guard isJSON else { return fail(failure) }
    var line = JSONLine(type: "warning")
    line.add("slug", failure.slug)
    line.add("message", failure.title)
    for fact in failure.facts where line[fact.label] == nil { line.add(fact.label, fact.text) }
    try? write(1, line.text + "\n")
  }

  /// Shows one file that could not be read or written.
  func warn(slug: String, path: [UInt8], reason: String) {
    if isJSON {
      var line = JSONLine(type: "warning")
      line.add("slug", slug)
      line.addPath(path)
      line.add("errno", reason)
      try? write(1, line.text + "\n")
    } else {
      try? write(2, "snap: \(EscapedText.printable(path)): \(EscapedText.printable(reason))\n")
    }
  }

  /// Tells a person something beside the result; not with `--quiet`, not in JSON.
  func note(_ text: String) {
    if !isJSON, !isQuiet { try? write(2, text + "\n") }
  }

  /// Draws lines that the next output, of whatever kind, replaces. Only for a terminal.
  func draw(_ lines: [String]) {
    drawn.with { count in
      let text = Output.clear(count) + lines.map { $0 + "\u{1B}[K\n" }.joined()
      try? environment.write(2, encoded(text))
      count = lines.count
    }
  }

  /// Takes the drawn lines away.
  func clearDrawn() {
    drawn.with { count in
      if count > 0 { try? environment.write(2, encoded(Output.clear(count))) }
      count = 0
    }
  }

  /// Up to the first drawn line, then everything below it away.
  private static func clear(_ count: Int) -> String {
    count > 0 ? "\u{1B}[\(count)A\r\u{1B}[J" : ""
  }

  private func write(_ descriptor: Int32, _ text: String) throws(Failure) {
    try writeRaw(descriptor, encoded(text, json: isJSON && descriptor == 1))
  }

  private func writeRaw(_ descriptor: Int32, _ bytes: [UInt8]) throws(Failure) {
    try drawn.with { count throws(Failure) in
      if count > 0 { try environment.write(2, encoded(Output.clear(count))) }
      count = 0
      try environment.write(descriptor, bytes)
    }
  }

  /// Outside a UTF-8 locale our own few characters beyond ASCII get their plain forms.
  private func encoded(_ text: String, json: Bool = false) -> [UInt8] {
    if isUTF8 || json { return Array(text.utf8) }
    var out = [UInt8]()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\u{2009}": out.append(0x20)
      case "…": out += Array("...".utf8)
      case "→": out += Array("->".utf8)
      default: out += Array(String(scalar).utf8)
      }
    }
    return out
  }
}
