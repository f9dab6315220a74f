// SPDX-License-Identifier: Apache-2.0

/// A pattern for one name: literal bytes, `?`, `*` and `[…]`.
struct Glob: Hashable, Sendable {
  enum Token: Hashable, Sendable {
    case byte(UInt8)
    case any
    case star
    case set(ByteSet)
  }

  /// The common shapes need no search.
  private enum Shape: Hashable, Sendable {
    case everything
    case literal([UInt8])
    case suffix([UInt8])
    case tokens([Token])
  }
  private let shape: Shape

  init(_ tokens: [Token]) {
    func literal(_ tokens: some Collection<Token>) -> [UInt8]? {
      var out: [UInt8] = []
      for token in tokens {
        guard case .byte(let byte) = token else { return nil }
        out.append(byte)
      }
      return out
    }
    // Stars in a row are one star.
    var short: [Token] = []
    for token in tokens where token != .star || short.last != .star { short.append(token) }
    if short == [.star] {
      shape = .everything
    } else if let bytes = literal(short) {
      shape = .literal(bytes)
    } else if short.first == .star, let bytes = literal(short.dropFirst()) {
      shape = .suffix(bytes)
    } else {
      shape = .tokens(short)
    }
  }

  /// Says whether the bytes `range` of `text`, which hold no '/', are matched.
  func matches(_ text: Span<UInt8>, in range: Range<Int>) -> Bool {
    switch shape {
    case .everything: true
    case .literal(let bytes):
      bytes.count == range.count && Self.ends(text, at: range.upperBound, with: bytes)
    case .suffix(let bytes):
      bytes.count <= range.count && Self.ends(text, at: range.upperBound, with: bytes)
    case .tokens(let tokens): Self.search(tokens, text, range)
    }
  }

  private static func ends(_ text: Span<UInt8>, at end: Int, with bytes: [UInt8]) -> Bool {
    // The last bytes differ most often.
    var i = bytes.count
    while i > 0 {
      i -= 1
      if text[end - bytes.count + i] != bytes[i] { return false }
    }
    return true
  }

  /// Going back to the last star is enough: an earlier one could not give more.
  private static func search(_ tokens: [Token], _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var (token, at) = (0, range.lowerBound)
    var star: (token: Int, at: Int)?
    while at < range.upperBound {
      if token < tokens.count {
        let fits: Bool
        switch tokens[token] {
        case .star:
          star = (token, at)
          token += 1
          continue
        case .any: fits = true
        case .byte(let byte): fits = byte == text[at]
        case .set(let set): fits = set.contains(text[at])
        }
        if fits {
          token += 1
          at += 1
          continue
        }
      }
      guard let last = star else { return false }
      at = last.at + 1
      token = last.token + 1
      star = (last.token, at)
    }
    while token < tokens.count, tokens[token] == .star { token += 1 }
    return token == tokens.count
  }
}
