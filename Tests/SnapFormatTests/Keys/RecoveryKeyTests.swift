// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapFormat

@Suite struct RecoveryKeyTests {
  private func failure(_ text: String) -> FormatError? {
    do throws(FormatError) {
      _ = try RecoveryKey(parsing: text)
      return nil
    } catch { return error }
  }

  private func sample(_ samples: inout Samples) throws -> (RecoveryKey, String) {
    let master = try MasterKey(newEpoch: UInt8(samples.small(0...255)))
    let key = RecoveryKey(master: master, repositoryID: samples.random.bytes(16))
    return (key, try key.text())
  }

  @Test func everyKeyComesBackHoweverItIsTyped() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    for _ in 0..<100 {
      let (key, text) = try sample(&samples)
      #expect(text.utf8.count == 71)
      #expect(text.split(separator: "-").map(\.utf8.count) == [8, 8, 8, 8, 8, 8, 8, 8])
      #expect(try RecoveryKey(parsing: text) == key, "\(seed)")
      var typed = ""
      for character in text {
        switch character {
        case "-": typed += ["", " ", "-", "\n", "\r\n", "\t"][samples.small(0...5)]
        case "O": typed += samples.chance(50) ? "0" : "o"
        case "I": typed += samples.chance(50) ? "1" : "i"
        case "B": typed += samples.chance(50) ? "8" : "b"
        default: typed += samples.chance(50) ? character.lowercased() : String(character)
        }
      }
      #expect(try RecoveryKey(parsing: typed) == key, "\(typed) \(seed)")
    }
  }

  @Test func missingCharactersNameTheirGroup() throws {
    var samples = Samples(.fresh())
    let (_, text) = try sample(&samples)
    let letters = text.filter { $0 != "-" }
    for count in 0..<64 {
      let error = try #require(failure(String(letters.prefix(count))))
      #expect(error.code == .truncated)
      #expect(error.detail.contains("group \(count / 8 + 1) "), "\(count): \(error.detail)")
      #expect(error.detail.contains("\(count) of 64"))
    }
    for more in ["A", "7", " ab", text] {
      let error = try #require(failure(text + more))
      #expect(error.code == .tooLarge)
    }
  }

  @Test func strangeCharactersNameTheirGroup() throws {
    var samples = Samples(.fresh())
    let (_, text) = try sample(&samples)
    let letters = Array(text.filter { $0 != "-" })
    for strange in ["9", "=", "!", "ä", "\u{0}", "€", "_"] as [Character] {
      for at in letters.indices {
        var changed = letters
        changed[at] = strange
        let error = try #require(failure(String(changed)))
        #expect(error.code == .malformed)
        #expect(error.detail.contains("group \(at / 8 + 1) "), "\(at): \(error.detail)")
      }
    }
  }

  @Test func everyTypingErrorIsNoticed() throws {
    var samples = Samples(.fresh())
    let seed = samples.random.description
    let (_, text) = try sample(&samples)
    let letters = Array(text.filter { $0 != "-" })
    // A wrong check has 24 bits: among these few thousand none fits by chance, nearly surely;
    // more than one would be an error of the check.
    var fits = 0
    for at in letters.indices {
      for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" where other != letters[at] {
        var changed = letters
        changed[at] = other
        let error = failure(String(changed))
        if error == nil { fits += 1 } else { #expect(error?.code == .checksum) }
      }
    }
    #expect(fits <= 1, "\(text) \(seed)")
  }

  @Test func keysKnowTheirRepository() throws {
    let master = try MasterKey(newEpoch: 0)
    let id = [UInt8](0..<16)
    let key = RecoveryKey(master: master, repositoryID: id)
    #expect(key.belongs(to: id))
    #expect(!key.belongs(to: id.reversed()))
    #expect(key.repositoryPrefix == [0, 1, 2, 3])
  }
}
