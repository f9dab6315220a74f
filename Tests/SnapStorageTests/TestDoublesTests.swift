// SPDX-License-Identifier: Apache-2.0

import SnapStorage
import SnapTesting
import Testing

/// The doubles do what other tests rely on.
struct TestDoublesTests {
  let memory = MemoryBackend()
  let name: ObjectName

  init() throws { name = try ObjectName("snap/a") }

  func write(_ backend: FaultyBackend) async -> BackendError? {
    do {
      try await backend.write(ObjectBody([1, 2, 3]), to: name, .create)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    (FaultyBackend.Fault.Effect.before, true, [UInt8]?.none), (.after, true, [1, 2, 3]),
    (.torn(byteCount: 2), true, [1, 2]), (.silentlyTorn(byteCount: 1), false, [1]),
  ])
  func faultHasItsEffect(
    _ effect: FaultyBackend.Fault.Effect, _ fails: Bool, _ left: [UInt8]?
  ) async throws {
    let backend = FaultyBackend(memory, .init(at: 2, effect, kinds: [.list, .write]))
    _ = try await backend.list("")
    let error = await write(backend)
    #expect((error != nil) == fails)
    #expect(backend.hasFailed)
    #expect(memory[name] == left)
    #expect(try await backend.list("").count == (left == nil ? 0 : 1))
  }

  @Test func stoppedBackendStaysStopped() async throws {
    let fault = FaultyBackend.Fault(at: 1, .after, stopsForever: true, code: .unreachable)
    let backend = FaultyBackend(memory, fault)
    #expect(await write(backend)?.isTransient == true)
    await #expect(throws: BackendError.self) { try await backend.list("") }
    await #expect(throws: BackendError.self) { try await backend.flush() }
    #expect(backend.operations.map(\.description) == ["write snap/a"])
    backend.reset()
    #expect(try await backend.list("").count == 1)
  }

  @Test func callsAreRecordedInOrder() async throws {
    let backend = FaultyBackend(memory)
    #expect(await write(backend) == nil)
    _ = try await backend.read(name, 0..<1)
    _ = try await backend.list("snap/")
    try await backend.flush()
    try await backend.remove(name)
    #expect(
      backend.operations.map(\.description)
        == ["write snap/a", "read snap/a", "list snap/", "flush", "remove snap/a"])
    #expect(backend.writtenByteCount == 3)
    #expect(backend.count(of: .read) == 1)
  }

  @Test func powerCutDropsWhatWasDeferred() async throws {
    let pack = try ObjectName("data/ab/p")
    try await memory.write(ObjectBody([1]), to: pack, .deferred)
    memory.cutPower()
    #expect(memory[pack] == nil)
    try await memory.write(ObjectBody([1]), to: pack, .deferred)
    try await memory.write(ObjectBody([1]), to: name, .create)
    memory.cutPower()
    #expect(memory.names == [pack, name])
  }

  @Test func clockIsSetByTheTest() async throws {
    memory.time = 5
    try await memory.write(ObjectBody([1]), to: name, .create)
    #expect(try await memory.look(name)?.modified == 5)
    #expect(memory.time == 6)
  }

  @Test func seededNumbersAreKnown() {
    // The published first outputs of splitmix64.
    var zero = SeededRandom(seed: 0)
    #expect(zero.next() == 0xE220_A839_7B1D_CDAF)
    var other = SeededRandom(seed: 1_234_567)
    #expect(other.next() == 6_457_827_717_110_365_317)
    #expect(other.bytes(13).count == 13)
    #expect(other.bytes(0).isEmpty)
  }

  @Test func temporaryDirectoryGoesWithItsContent() throws {
    var directory: TemporaryDirectory? = try TemporaryDirectory()
    let path = try #require(directory?.path)
    try FileMaker.makeDirectory(path + "/a/b")
    try FileMaker.write("x", to: path + "/a/b/c")
    try FileMaker.makeLink(path + "/a/link", to: "/")
    #expect(try FileMaker.read(path + "/a/b/c") == [UInt8(ascii: "x")])
    directory = nil
    #expect(!FileMaker.exists(path))
  }
}
