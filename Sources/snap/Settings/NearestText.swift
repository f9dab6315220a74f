// SPDX-License-Identifier: Apache-2.0

/// What somebody may have meant.
enum NearestText {
  /// The candidates that are nearest to a mistyped word, best first, at most `count`; those that
  /// have hardly a letter in common with it are left out.
  static func nearest(to word: String, in candidates: [String], count: Int = 1) -> [String] {
    let limit = max(2, word.count / 2)
    let scored = candidates.map { (distance(word, $0), $0) }.filter { $0.0 <= limit }
    return scored.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(count).map { $0.1 }
  }

  /// How many letters must be added, removed, changed or swapped with their neighbour.
  static func distance(_ first: String, _ second: String) -> Int {
    let a = Array(first.unicodeScalars.prefix(100))
    let b = Array(second.unicodeScalars.prefix(100))
    var older: [Int] = []
    var above = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in b.indices {
        var best = min(above[j + 1], row[j]) + 1
        best = min(best, above[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, older[j - 1] + 1) }
        row.append(best)
      }
      older = above
      above = row
    }
    return above[b.count]
  }
}
