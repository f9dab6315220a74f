// SPDX-License-Identifier: Apache-2.0

/// Answers to yes-or-no questions.
enum Answers {
  static func isYes(_ answer: [UInt8]?, byDefault: Bool) -> Bool {
    guard let answer else { return false }
    let word = String(decoding: answer, as: UTF8.self).lowercased().filter { !$0.isWhitespace }
    if word.isEmpty { return byDefault }
    return word == "y" || word == "yes"
  }
}
