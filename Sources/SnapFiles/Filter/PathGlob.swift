// SPDX-License-Identifier: Apache-2.0

/// A pattern for a path: globs for its components, with `**` for any number of them.
struct PathGlob: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    /// Any number of components, none too.
    case anyDepth
    case name(Glob)
  }
  private let parts: [Part]

  /// Takes the tokens between the slashes.
  init(_ components: [[Glob.Token]]) {
    var parts: [Part] = []
    for component in components {
      if component.count >= 2, component.allSatisfy({ $0 == .star }) {
        if parts.last != .anyDepth { parts.append(.anyDepth) }
      } else {
        parts.append(.name(Glob(component)))
      }
    }
    // "a/**" is what lies inside a, not a itself.
    if parts.last == .anyDepth { parts.append(.name(Glob([.star]))) }
    self.parts = parts
  }

  /// Says whether the whole `text` from `start` on is matched.
  func matches(_ text: Span<UInt8>, from start: Int) -> Bool {
    let done = text.count + 1
    var (part, at) = (0, start)
    var depth: (part: Int, at: Int)?
    while at < done {
      if part < parts.count {
        switch parts[part] {
        case .anyDepth:
          depth = (part, at)
          part += 1
          continue
        case .name(let glob):
          let end = Self.componentEnd(text, at)
          if glob.matches(text, in: at..<end) {
            part += 1
            at = end + 1
            continue
          }
        }
      }
      // The last ** takes one component more.
      guard let last = depth else { return false }
      at = Self.componentEnd(text, last.at) + 1
      part = last.part + 1
      depth = (last.part, at)
    }
    while part < parts.count, parts[part] == .anyDepth { part += 1 }
    return part == parts.count
  }

  private static func componentEnd(_ text: Span<UInt8>, _ start: Int) -> Int {
    var end = start
    while end < text.count, text[end] != UInt8(ascii: "/") { end += 1 }
    return end
  }
}
