// SPDX-License-Identifier: Apache-2.0

internal import SnapStorage

extension BackendSuite {
  /// Every obligation written at ``Backend`` that can be seen from outside.
  public static let cases: [BackendCase] = [
    BackendCase(name: "an object is read as it was written", check: readsWhatWasWritten),
    BackendCase(name: "an owned body is written from its place", check: writesOwnedBody),
    BackendCase(name: "an empty object exists", check: emptyObjectExists),
    BackendCase(name: "a second create is refused and changes nothing", check: secondCreate),
    BackendCase(name: "of many creates at once one succeeds", check: racingCreates),
    BackendCase(name: "replacing replaces", check: replaces),
    BackendCase(name: "ranges are exact", check: rangesAreExact),
    BackendCase(name: "a range beyond the end is an error", check: rangeBeyondEnd),
    BackendCase(name: "a missing object is not found", check: missingIsNotFound),
    BackendCase(name: "removing twice succeeds", check: removesTwice),
    BackendCase(name: "a removed name can be written again", check: writesAgain),
    BackendCase(name: "a folder lists only its objects", check: listsFolder),
    BackendCase(name: "an empty prefix lists all but tmp", check: listsEverything),
    BackendCase(name: "a whole name lists that object", check: listsOne),
    BackendCase(name: "a bad prefix is refused", check: badPrefix),
    BackendCase(name: "deferred objects are there before the flush", check: deferredIsVisible),
    BackendCase(name: "flushing nothing succeeds", check: flushesNothing),
    BackendCase(name: "many tasks may write at once", check: writesInParallel),
    BackendCase(name: "times do not run backwards", check: timesAreOrdered),
  ]

  private static func name(_ text: String) throws -> ObjectName { try ObjectName(text) }

  private static func listed(
    _ backend: any Backend, _ prefix: String
  ) async throws -> [String] {
    try await backend.list(prefix).map(\.name.text).sorted()
  }

  private static func readsWhatWasWritten(_ backend: any Backend) async throws {
    var random = SeededRandom(seed: 1)
    for size in [1, 4095, 4096, 70_001, 3 << 20] {
      let (object, bytes) = (try name("data/ab/size-\(size)"), random.bytes(size))
      try await backend.write(ObjectBody(bytes), to: object, .create)
      try require(try await backend.read(object, nil) == bytes, "\(size) bytes come back")
      try require(try await backend.look(object)?.size == size, "\(size) is the listed length")
    }
  }

  // Proof: the memory is written in init alone and freed with its only owner.
  @safe private final class Owner: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
    init(_ content: [UInt8]) {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: content.count, alignment: 16)
      unsafe memory.copyBytes(from: content)
      unsafe bytes = UnsafeRawBufferPointer(memory)
    }
    deinit { unsafe bytes.deallocate() }
  }

  private static func writesOwnedBody(_ backend: any Backend) async throws {
    let content = [UInt8](1...200)
    let owner = Owner(content)
    let body = unsafe ObjectBody(owner: owner, bytes: owner.bytes)
    try require(body.count == 200, "the body knows its length")
    try await backend.write(body, to: name("data/ab/owned"), .deferred)
    try require(try await backend.read(name("data/ab/owned"), nil) == content, "bytes come back")
  }

  private static func emptyObjectExists(_ backend: any Backend) async throws {
    let object = try name("snap/empty")
    try await backend.write(ObjectBody([]), to: object, .create)
    try require(try await backend.look(object)?.size == 0, "it is listed with length 0")
    try require(try await backend.read(object, nil).isEmpty, "it reads as nothing")
    try require(try await backend.read(object, 0..<0).isEmpty, "so does its empty range")
  }

  private static func secondCreate(_ backend: any Backend) async throws {
    let object = try name("snap/one")
    try await backend.write(ObjectBody([1, 2, 3]), to: object, .create)
    for mode in [WriteMode.create, .deferred] {
      try await requireFailure(.exists, "second create") {
        try await backend.write(ObjectBody([9]), to: object, mode)
      }
    }
    try require(try await backend.read(object, nil) == [1, 2, 3], "the first one is unchanged")
    let left = try await listed(backend, "tmp/").filter { $0 != "tmp/reserve" }
    try require(left.isEmpty, "nothing is left in tmp/")
  }

  private static func racingCreates(_ backend: any Backend) async throws {
    let object = try name("lock/race")
    let winners = try await withThrowingTaskGroup(of: UInt8?.self) { group in
      for number in UInt8(0)..<16 {
        group.addTask {
          do {
            try await backend.write(
              ObjectBody([UInt8](repeating: number, count: 5000)), to: object, .create)
            return number
          } catch let error as BackendError where error.code == .exists {
            return nil
          }
        }
      }
      return try await group.reduce(into: [UInt8]()) { if let number = $1 { $0.append(number) } }
    }
    try require(winners.count == 1, "one winner, not \(winners)")
    let expected = [UInt8](repeating: winners[0], count: 5000)
    try require(try await backend.read(object, nil) == expected, "the winner's bytes are there")
  }

  private static func replaces(_ backend: any Backend) async throws {
    let object = try name("keys/slot")
    let replace = WriteMode(createOnly: false, durability: .durable, usesReserve: false)
    try await backend.write(ObjectBody([1]), to: object, replace)
    try await backend.write(ObjectBody([2, 3]), to: object, replace)
    try require(try await backend.read(object, nil) == [2, 3], "the second one counts")
    try require(try await listed(backend, "keys/") == ["keys/slot"], "it is listed once")
  }

  private static func rangesAreExact(_ backend: any Backend) async throws {
    let object = try name("data/00/ranges")
    let bytes = [UInt8](0..<100)
    try await backend.write(ObjectBody(bytes), to: object, .create)
    for range in [0..<1, 0..<100, 10..<20, 99..<100, 50..<50, 100..<100] {
      try require(
        try await backend.read(object, range) == Array(bytes[range]), "bytes of \(range)")
    }
  }

  private static func rangeBeyondEnd(_ backend: any Backend) async throws {
    let object = try name("data/00/short")
    try await backend.write(ObjectBody([1, 2, 3]), to: object, .create)
    for range in [0..<4, 3..<4, 4..<4, 100..<200, -1..<2, 0..<Int.max] {
      try await requireFailure(.rangeBeyondEnd, "\(range) of 3 bytes") {
        _ = try await backend.read(object, range)
      }
    }
  }

  private static func missingIsNotFound(_ backend: any Backend) async throws {
    for text in ["snap/none", "none", "data/ab/none"] {
      for range in [nil, 0..<1] {
        try await requireFailure(.notFound, "read of \(text)") {
          _ = try await backend.read(name(text), range)
        }
      }
    }
  }

  private static func removesTwice(_ backend: any Backend) async throws {
    let object = try name("pend/gone")
    try await backend.remove(object)
    try await backend.write(ObjectBody([1]), to: object, .create)
    try await backend.write(ObjectBody([2]), to: name("pend/kept"), .create)
    try await backend.remove(object)
    try await backend.remove(object)
    try require(try await listed(backend, "pend/") == ["pend/kept"], "only the other one is left")
    try await requireFailure(.notFound, "read after removal") {
      _ = try await backend.read(object, nil)
    }
  }

  private static func writesAgain(_ backend: any Backend) async throws {
    let object = try name("data/ab/again")
    try await backend.write(ObjectBody([1]), to: object, .deferred)
    try await backend.remove(object)
    try await backend.flush()
    try await backend.write(ObjectBody([2]), to: object, .deferred)
    try await backend.flush()
    try require(try await backend.read(object, nil) == [2], "the second life counts")
  }

  private static func listsFolder(_ backend: any Backend) async throws {
    try require(try await listed(backend, "snap/").isEmpty, "a missing folder is empty")
    for text in ["snap/a", "snap/b", "snapper/c", "data/ab/d", "data/cd/e", "top"] {
      try await backend.write(ObjectBody([1]), to: name(text), .create)
    }
    try require(try await listed(backend, "snap/") == ["snap/a", "snap/b"], "snap/")
    try require(try await listed(backend, "data/") == ["data/ab/d", "data/cd/e"], "data/")
    try require(try await listed(backend, "data/cd/") == ["data/cd/e"], "data/cd/")
    try require(try await listed(backend, "index/").isEmpty, "index/")
  }

  private static func listsEverything(_ backend: any Backend) async throws {
    let all = ["data/ab/x", "mirror/tree/ab/y", "snap/z", "top"]
    for text in all + ["tmp/half"] {
      try await backend.write(ObjectBody([1]), to: name(text), .create)
    }
    try require(try await listed(backend, "") == all, "all but tmp/")
    try require(try await listed(backend, "tmp/").contains("tmp/half"), "tmp/ when asked for")
  }

  private static func listsOne(_ backend: any Backend) async throws {
    try await backend.write(ObjectBody([1, 2]), to: name("snap/abc"), .create)
    try await backend.write(ObjectBody([1]), to: name("snap/abcd"), .create)
    try await backend.write(ObjectBody([1]), to: name("tmp/one"), .create)
    let found = try await backend.list("snap/abc")
    try require(found.map(\.name.text) == ["snap/abc"], "just that object")
    try require(found.first?.size == 2, "with its length")
    for text in ["snap", "snap/ab", "snap/abc/d", "none/at/all"] {
      try require(try await listed(backend, text).isEmpty, "\(text) is no object")
    }
    try require(try await listed(backend, "tmp/one") == ["tmp/one"], "in tmp/ too")
  }

  private static func badPrefix(_ backend: any Backend) async throws {
    for prefix in ["/", "/snap/", "../", "snap//", "snap/../data/", "a b/", "snap/\u{e9}"] {
      try await requireFailure(.invalidName, "list of \(prefix)") {
        _ = try await backend.list(prefix)
      }
    }
  }

  private static func deferredIsVisible(_ backend: any Backend) async throws {
    try await backend.write(ObjectBody([7]), to: name("data/ab/p"), .deferred)
    try require(try await listed(backend, "data/") == ["data/ab/p"], "listed")
    try require(try await backend.read(name("data/ab/p"), nil) == [7], "read")
    try await backend.flush()
    try require(try await backend.read(name("data/ab/p"), nil) == [7], "read after the flush")
  }

  private static func flushesNothing(_ backend: any Backend) async throws {
    try await backend.flush()
    try await backend.flush()
    try require(try await listed(backend, "").isEmpty, "nothing came into being")
  }

  private static func writesInParallel(_ backend: any Backend) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<64 {
        group.addTask {
          let mode: WriteMode = number % 8 == 0 ? .create : .deferred
          try await backend.write(
            ObjectBody([UInt8](repeating: UInt8(number), count: 1000 + number)),
            to: name("data/\(number % 5)0/n\(number)"), mode)
          _ = try await backend.list("data/")
        }
      }
      try await group.waitForAll()
    }
    try await backend.flush()
    let found = try await backend.list("data/")
    try require(Set(found.map(\.size)) == Set(1000..<1064), "all 64 are listed whole")
    for number in 0..<64 {
      let bytes = try await backend.read(name("data/\(number % 5)0/n\(number)"), nil)
      try require(bytes.allSatisfy { $0 == UInt8(number) }, "object \(number) has its bytes")
    }
  }

  private static func timesAreOrdered(_ backend: any Backend) async throws {
    try await backend.write(ObjectBody([1]), to: name("log/1"), .create)
    try await backend.write(ObjectBody([1]), to: name("log/2"), .create)
    guard let first = try await backend.look(name("log/1")),
      let second = try await backend.look(name("log/2"))
    else { throw BrokenObligation(description: "both are listed") }
    // 2020-01-01; a time in seconds or milliseconds would lie far before it.
    try require(first.modified > 1_577_836_800_000_000_000, "a time in ns since 1970")
    try require(first.modified <= second.modified, "the later write is not the older object")
  }
}
