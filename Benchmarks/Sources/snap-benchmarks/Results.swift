// SPDX-License-Identifier: Apache-2.0

/// What is measured.
enum Step: String, CaseIterable, Sendable {
  case first = "first backup"
  case unchanged = "unchanged"
  case restore
}

/// All measurements, by tool, work set and step.
struct Results {
  private struct Key: Hashable {
    let tool: String
    let set: String
    let step: Step
  }

  private var seconds: [Key: [Double]] = [:]
  private var peaks: [Key: Int] = [:]
  private var stored: [String: [String: Int]] = [:]

  mutating func note(_ tool: Tool, _ set: String, _ step: Step, _ outcome: Outcome) {
    seconds[Key(tool: tool.name, set: set, step: step), default: []].append(outcome.seconds)
    if tool.remembered == nil || step == .unchanged { noteMemory(tool, set, step, outcome) }
  }

  mutating func noteMemory(_ tool: Tool, _ set: String, _ step: Step, _ outcome: Outcome) {
    let key = Key(tool: tool.name, set: set, step: step)
    peaks[key] = max(peaks[key] ?? 0, outcome.peakBytes)
  }

  mutating func noteStored(_ tool: Tool, _ set: String, _ bytes: Int) {
    stored[tool.name, default: [:]][set] = bytes
  }

  func minimum(_ tool: Tool, _ set: String, _ step: Step) -> Double? {
    seconds[Key(tool: tool.name, set: set, step: step)]?.min()
  }

  func median(_ tool: Tool, _ set: String, _ step: Step) -> Double? {
    guard let all = seconds[Key(tool: tool.name, set: set, step: step)]?.sorted(), !all.isEmpty
    else { return nil }
    let middle = all.count / 2
    return all.count.isMultiple(of: 2) ? (all[middle - 1] + all[middle]) / 2 : all[middle]
  }

  /// The highest of all runs, in bytes.
  func peak(_ tool: Tool, _ set: String, _ step: Step) -> Int? {
    peaks[Key(tool: tool.name, set: set, step: step)]
  }

  func storedBytes(_ tool: Tool, _ set: String) -> Int? { stored[tool.name]?[set] }
}
