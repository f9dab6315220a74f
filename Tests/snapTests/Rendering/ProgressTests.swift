// SPDX-License-Identifier: Apache-2.0

import SnapFormat
import Testing

@testable import snap

@Suite struct ProgressTests {
  private let view = ProgressView(label: "photos", verb: "reading", isUTF8: true)
  private let half = ProgressState(
    filesDone: 2031, filesTotal: 5120, bytesDone: 12_400_000_000, bytesTotal: 28_900_000_000,
    bytesSent: 511_000_000, currentPath: Array("2023/06/IMG_0231.CR3".utf8))

  private func rate() -> ProgressRate {
    var rate = ProgressRate()
    var before = half
    before.bytesDone -= 210_000_000
    before.bytesSent -= 38_000_000
    rate.see(before, at: 10)
    rate.see(half, at: 11)
    return rate
  }

  @Test func theBarLooksLikeTheDesign() {
    let lines = view.bar(half, rate(), width: 100)
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix(" photos  ███"))
    let numbers = "42%   12.4 of 28.9 GB   2\u{2009}031 of 5\u{2009}120 files   1 min left"
    #expect(lines[0].contains(numbers))
    #expect(lines[1] == " reading 210 MB/s   sending 38.0 MB/s   2023/06/IMG_0231.CR3")
  }

  @Test(arguments: [40, 60, 79, 80, 120, 300]) func neverWiderThanTheTerminal(_ width: Int) {
    var state = half
    state.currentPath = Array((String(repeating: "日本/", count: 80) + "\u{1B}[0m").utf8)
    for state in [state, half, ProgressState()] {
      for line in view.bar(state, rate(), width: width) {
        #expect(TextWidth.columns(line) < width)
        #expect(!line.unicodeScalars.contains(where: EscapedText.isDangerous))
      }
    }
  }

  @Test func plainCharactersElsewhere() {
    let ascii = ProgressView(label: "x", verb: "reading", isUTF8: false)
    let line = ascii.bar(half, rate(), width: 100)[0]
    #expect(line.contains("####"))
    #expect(!line.contains("█"))
    let text = view.plain(half, rate(), time: FileTime(seconds: 1_763_600_580), offset: 3600)
    #expect(text == "2025-11-20T02:03:00+01:00 photos  42% 12.4 of 28.9 GB, 1 min left")
  }

  @Test func speedsAndTimeLeft() {
    var rate = ProgressRate()
    #expect(rate.secondsLeft(half) == nil)
    rate.see(half, at: 1)
    rate.see(half, at: 1)
    #expect(rate.reading == 0 && rate.secondsLeft(half) == nil)
    var back = half
    back.bytesDone = 0
    rate.see(back, at: 2)
    #expect(rate.reading == 0)
    var next = back
    next.bytesDone = 100
    rate.see(next, at: 3)
    #expect(rate.reading == 100)
    next.bytesTotal = 50
    #expect(rate.secondsLeft(next) == 0)
    #expect(ProgressState(bytesDone: 9, bytesTotal: 3).share == 1)
    #expect(ProgressState(bytesTotal: 0).share == nil)
    let json = half.json(secondsLeft: 361).text
    #expect(json.hasSuffix("\"bytes_sent\":511000000,\"seconds_left\":361.0}"))
    #expect(!ProgressState().json(secondsLeft: nil).text.contains("total"))
  }

  @Test(
    arguments: [
      (nil, nil, true, false, .bar), (nil, nil, false, false, .plain),
      ("json", nil, true, false, .json),
      (nil, "none", true, false, .none), ("plain", "none", true, false, .plain),
      ("auto", nil, true, false, .bar), (nil, nil, true, true, .json),
      ("bar", nil, true, true, .json),
      ("none", nil, true, true, .none),
    ] as [(String?, String?, Bool, Bool, Progress.Style)])
  func styles(
    _ option: String?, _ variable: String?, _ terminal: Bool, _ json: Bool,
    _ expected: Progress.Style
  ) throws {
    let variables = variable.map { ["SNAP_PROGRESS": $0] } ?? [:]
    let environment = World().environment(variables, terminal: terminal)
    let output = Output(environment, json: json)
    #expect(try .choose(option, environment: environment, output: output) == expected)
  }

  @Test func oddStyles() throws {
    let environment = World().environment(["TERM": "dumb"], terminal: true)
    let quiet = Output(environment, quiet: true)
    #expect(try Progress.Style.choose(nil, environment: environment, output: quiet) == .none)
    let loud = Output(environment)
    #expect(try Progress.Style.choose(nil, environment: environment, output: loud) == .plain)
    let wrong = try failure { () throws(Failure) in
      _ = try Progress.Style.choose("loud", environment: environment, output: loud)
    }
    #expect(wrong.exit == 2)
    let odd = World().environment(["SNAP_PROGRESS": "loud"])
    let variable = try failure { () throws(Failure) in
      _ = try Progress.Style.choose(nil, environment: odd, output: loud)
    }
    #expect(variable.exit == 2)
  }

  @Test func startsAndStopsCleanly() {
    let world = World()
    let environment = world.environment(terminal: true)
    let output = Output(environment)
    let progress = Progress(environment, output: output, style: .bar, label: "photos")
    progress.stop()
    progress.start()
    progress.start()
    progress.update { $0.filesDone += 3 }
    progress.show()
    progress.stop()
    progress.stop()
    #expect(world.error.contains("3 files"))
    #expect(world.error.hasSuffix("\u{1B}[2A\r\u{1B}[J"))
    #expect(world.out.isEmpty)
    let length = world.error.count
    let silent = Progress(environment, output: output, style: .none, label: "x")
    silent.start()
    silent.show()
    silent.stop()
    #expect(world.error.count == length)
  }

  @Test func jsonProgressIsOnStandardOutput() {
    let world = World()
    let environment = world.environment()
    let output = Output(environment, json: true)
    let progress = Progress(environment, output: output, style: .json, label: "x")
    progress.update(half)
    progress.show()
    #expect(world.out.hasPrefix("{\"type\":\"progress\",\"files_done\":2031,"))
    let text = Progress(environment, output: Output(environment), style: .json, label: "x")
    text.show()
    #expect(world.error.hasPrefix("{\"type\":\"progress\""))
    #expect(world.out.split(separator: "\n").count == 1)
  }
}
