// SPDX-License-Identifier: Apache-2.0

/// A piece of source text: what the rules look at, free of comments and of the text in quotes.
struct Token: Equatable, Sendable {
  enum Kind: Sendable {
    case word, symbol, string
  }

  let kind: Kind
  /// The word or the one character; for text in quotes a single quote mark.
  let text: String
  /// Counted from 1.
  let line: Int
  /// Nothing, not even a space, stands between this and the token before.
  let isGlued: Bool
}
