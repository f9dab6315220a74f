// SPDX-License-Identifier: Apache-2.0

/// A command's end that is not success, in the words a person reads.
struct Failure: Error, Equatable, Sendable {
  /// One fact below the title.
  struct Fact: Equatable, Sendable {
    /// One word: `server`, `file`, `meaning`.
    var label: String
    /// What is so; foreign text may be in it, rendering escapes it.
    var text: String
  }

  /// A command to type next.
  struct Try: Equatable, Sendable {
    /// The command, ready to be pasted.
    var command: String
    /// What it does, in a few words.
    var comment: String?
  }

  /// The machine's name of the case, for instance `repo.missing`.
  var slug: String
  /// The exit code of the process, of `ExitCode`.
  var exit: Int32
  /// The first line without the leading `snap: `; rendering keeps the line within 72 characters.
  var title: String
  /// What was found, the most telling first.
  var facts: [Fact]
  /// What is not affected.
  var safe: String?
  /// What can be typed next.
  var tries: [Try]
  /// Where the whole log lies, if there is one.
  var details: String?

  /// Names all parts; labels and comments come with their texts.
  init(
    slug: String, exit: Int32, title: String, facts: [(String, String)] = [],
    safe: String? = nil, tries: [(String, String?)] = [], details: String? = nil
  ) {
    self.slug = slug
    self.exit = exit
    self.title = title
    self.facts = facts.map { Fact(label: $0.0, text: $0.1) }
    self.safe = safe
    self.tries = tries.map { Try(command: $0.0, comment: $0.1) }
    self.details = details
  }
}
