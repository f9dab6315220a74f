// SPDX-License-Identifier: Apache-2.0

import SnapStorage
import SnapTesting
import Testing

struct LocalBackendTests {
  let directory: TemporaryDirectory
  let root: String
  let backend: LocalBackend

  init() throws {
    directory = try TemporaryDirectory()
    root = directory.file("repository")
    backend = try LocalBackend(path: root, create: true)
  }

  func write(_ text: String, _ bytes: [UInt8] = [1], _ mode: WriteMode = .create) async throws {
    try await backend.write(ObjectBody(bytes), to: ObjectName(text), mode)
  }

  func temporaries() throws -> [String] {
    try FileMaker.names(in: root + "/tmp").filter { $0 != "reserve" }
  }

  @Test func missingFolderIsNotFound() {
    let error = #expect(throws: BackendError.self) {
      try LocalBackend(path: directory.file("none"), create: false)
    }
    #expect(error?.code == .notFound)
    #expect(!FileMaker.exists(directory.file("none")))
  }

  @Test(arguments: [true, false]) func fileIsNoFolder(_ create: Bool) throws {
    try FileMaker.write("x", to: directory.file("file"))
    #expect(throws: BackendError.self) {
      try LocalBackend(path: directory.file("file"), create: create)
    }
  }

  @Test func foldersAboveAreMade() throws {
    let deep = try LocalBackend(path: directory.file("a/b//c/"), create: true)
    #expect(deep.path == directory.file("a/b//c/"))
    #expect(FileMaker.mode(of: directory.file("a/b/c")) == 0o40700)
  }

  @Test func openingWithoutCreateWritesNothing() throws {
    let empty = directory.file("empty")
    try FileMaker.makeDirectory(empty)
    _ = try LocalBackend(path: empty, create: false)
    #expect(try FileMaker.names(in: empty).isEmpty)
  }

  @Test func filesBelongToTheirOwnerAlone() async throws {
    try await write("data/ab/x")
    #expect(FileMaker.mode(of: root) == 0o40700)
    #expect(FileMaker.mode(of: root + "/data/ab") == 0o40700)
    #expect(FileMaker.mode(of: root + "/data/ab/x") == 0o100600)
  }

  @Test func leftoversOfACrashAreIgnored() async throws {
    try await write("snap/a")
    try FileMaker.write([1, 2, 3], to: root + "/tmp/0123456789abcdef")
    #expect(try await backend.list("").map(\.name.text) == ["snap/a"])
    #expect(try await backend.list("snap/").map(\.name.text) == ["snap/a"])
    #expect(
      try await Set(backend.list("tmp/").map(\.name.text))
        == ["tmp/0123456789abcdef", "tmp/reserve"])
  }

  @Test func foreignNamesAreIgnored() async throws {
    try await write("snap/a")
    try FileMaker.write("x", to: root + "/snap/a copy")
    try FileMaker.write("x", to: root + "/snap/é")
    try FileMaker.makeDirectory(root + "/lost+found")
    try FileMaker.write("x", to: root + "/lost+found/y")
    let long = root + "/snap/" + String(repeating: "x", count: 198)
    try FileMaker.write("x", to: long)
    #expect(try await backend.list("").map(\.name.text) == ["snap/a"])
  }

  @Test func linkIsNoObject() async throws {
    try await write("snap/a", [1, 2, 3])
    try FileMaker.makeLink(root + "/snap/link", to: "a")
    try FileMaker.makeLink(root + "/snap/dangling", to: "nowhere")
    #expect(try await backend.list("").map(\.name.text) == ["snap/a"])
    for text in ["snap/link", "snap/dangling"] {
      let name = try ObjectName(text)
      #expect(try await backend.look(name) == nil)
      let read = await #expect(throws: BackendError.self) { try await backend.read(name, nil) }
      #expect(read?.code == .notFound)
      let created = await #expect(throws: BackendError.self) { try await write(text) }
      #expect(created?.code == .exists)
    }
    #expect(!FileMaker.exists(root + "/snap/nowhere"))
  }

  @Test func linkedFolderIsAnErrorNotAnEmptyFolder() async throws {
    let outside = directory.file("outside")
    try FileMaker.makeDirectory(outside)
    try FileMaker.makeLink(root + "/data", to: outside)
    let name = try ObjectName("data/x")
    await #expect(throws: BackendError.self) { try await backend.list("") }
    await #expect(throws: BackendError.self) { try await backend.list("data/") }
    await #expect(throws: BackendError.self) { try await backend.list("data/x") }
    await #expect(throws: BackendError.self) { try await backend.read(name, nil) }
    await #expect(throws: BackendError.self) { try await write("data/x") }
    await #expect(throws: BackendError.self) { try await backend.remove(name) }
    #expect(try FileMaker.names(in: outside).isEmpty)
  }

  @Test func failedRenameLeavesNoTemporaryFile() async throws {
    try await write("snap/a")
    let replace = WriteMode(createOnly: false, durability: .durable, usesReserve: false)
    await #expect(throws: BackendError.self) { try await write("snap", [1, 2], replace) }
    #expect(try temporaries().isEmpty)
  }

  @Test func objectBelowAnObjectIsRefused() async throws {
    try await write("snap/a")
    await #expect(throws: BackendError.self) { try await write("snap/a/b") }
    #expect(try temporaries().isEmpty)
    #expect(try await backend.list("").map(\.name.text) == ["snap/a"])
  }

  @Test(arguments: [Int32(0), 1, 2])
  func everyWayToRenameRefusesToOverwrite(_ way: Int32) async throws {
    var hooks = LocalHooks()
    hooks.renameWay = way
    let (first, name) = ([UInt8](1...9), try ObjectName("snap/\(way)"))
    let other = backend
    // The second client comes after the look that spares a vain write.
    hooks.syncResult = { _ in
      try? FileMaker.write(first, to: other.path + "/\(name)")
      return 0
    }
    let racing = try LocalBackend(path: root, create: false, hooks: hooks)
    let error = await #expect(throws: BackendError.self) {
      try await racing.write(ObjectBody([0]), to: name, .create)
    }
    #expect(error?.code == .exists)
    #expect(try await backend.read(name, nil) == first)
    #expect(try temporaries().isEmpty)
  }

  @Test func tooLargeAnObjectIsRefused() async throws {
    let file = root + "/snap-large"
    try FileMaker.write("x", to: file)
    try FileMaker.setLength(BackendTraits.objectSizeMax + 1, of: file)
    let error = await #expect(throws: BackendError.self) {
      try await backend.read(ObjectName("snap-large"), nil)
    }
    #expect(error?.code == .tooLarge)
  }
}
