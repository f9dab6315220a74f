// SPDX-License-Identifier: Apache-2.0

/// The report: ratios first, then what they are made of.
struct Report {
  let tools: [Tool]
  let sets: [String]
  let runs: Int
  let results: Results
  let machine: [(name: String, value: String)]

  var text: String {
    let parts = [ratios, seconds, memory, storedSize, about]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var cells: [(set: String, step: Step)] {
    sets.flatMap { set in Step.allCases.map { (set, $0) } }
  }

  private var ratios: String {
    guard let own = tools.first(where: { $0.name == "snap" }), tools.count > 1 else { return "" }
    let peers = tools.filter { $0.name != own.name }
    var rows = [["snap's time ÷ that of"] + peers.map(\.name)]
    for (set, step) in cells {
      rows.append(
        ["\(set) \(step.rawValue)"]
          + peers.map { peer in
            let least = ratio(results.minimum(own, set, step), results.minimum(peer, set, step))
            let middle = ratio(results.median(own, set, step), results.median(peer, set, step))
            return "\(least) / \(middle)"
          })
    }
    return "Ratios of wall time, minimum / median of \(runs) runs\n" + table(rows)
  }

  private var seconds: String {
    let rows = cells.map { set, step in
      ["\(set) \(step.rawValue)"]
        + tools.map { tool in
          let least = number(results.minimum(tool, set, step), 2)
          return "\(least) / \(number(results.median(tool, set, step), 2))"
        }
    }
    return "Seconds, minimum / median; until the disk has everything\n"
      + table([[""] + tools.map(\.name)] + rows)
  }

  private var memory: String {
    let rows = cells.map { set, step in
      ["\(set) \(step.rawValue)"]
        + tools.map { number(results.peak($0, set, step).map { Double($0) / 1e6 }, 0) }
    }
    return "Peak memory in MB, highest of all runs; of snap with a remembered key\n"
      + table([[""] + tools.map(\.name)] + rows)
  }

  private var storedSize: String {
    let rows = sets.map { set in
      [set] + tools.map { number(results.storedBytes($0, set).map { Double($0) / 1e6 }, 0) }
    }
    return "Stored, MB after the first backup\n" + table([[""] + tools.map(\.name)] + rows)
  }

  private var about: String {
    table(machine.map { [$0.name, $0.value] }, alignedLeft: true)
  }

  private func ratio(_ own: Double?, _ other: Double?) -> String {
    guard let own, let other, other > 0 else { return "–" }
    return number(own / other, 2)
  }

  private func number(_ value: Double?, _ digits: Int) -> String {
    guard let value else { return "–" }
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((value * Double(scale)).rounded())
    if digits == 0 { return "\(scaled)" }
    let rest = "\(scaled % scale)"
    let zeros = String(repeating: "0", count: digits - rest.count)
    return "\(scaled / scale).\(zeros)\(rest)"
  }

  private func table(_ rows: [[String]], alignedLeft: Bool = false) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.compactMap { $0.count > column ? $0[column].count : nil }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 || alignedLeft ? text + space : space + text
      }
      let line = "  " + cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
