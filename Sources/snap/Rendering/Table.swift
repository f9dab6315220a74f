// SPDX-License-Identifier: Apache-2.0

/// Rows of text in aligned columns. Cells must be printable already.
struct Table {
  /// Where a column's text stands.
  enum Alignment: Sendable {
    /// Text.
    case left
    /// Numbers.
    case right
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  /// Names the columns from left to right.
  init(_ columns: [(title: String, alignment: Alignment)]) {
    self.columns = columns
  }

  /// Adds a row; missing cells are empty, cells without a column are left out.
  mutating func add(_ cells: [String]) {
    rows.append(columns.indices.map { $0 < cells.count ? cells[$0] : "" })
  }

  /// The lines, titles first, each with a blank at its beginning and none at its end.
  func lines() -> [String] {
    let all = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in
      all.map { TextWidth.columns($0[column]) }.max() ?? 0
    }
    return all.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += column == 0 ? " " : "  "
        switch columns[column].alignment {
        case .left: line += TextWidth.padRight(cell, to: widths[column])
        case .right: line += TextWidth.padLeft(cell, to: widths[column])
        }
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}
