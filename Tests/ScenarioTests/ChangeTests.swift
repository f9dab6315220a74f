// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting
import Testing

extension Scenarios {
  /// What a second backup reads and stores.
  @Suite struct ChangeTests {
    @Test func anUnchangedTreeIsNotOpened() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      let tree = try scene.makeSmallTree()
      for number in 0..<300 {
        try scene.write("Photos/many/\(number % 7)/file-\(number)", Scene.noise(700 + number))
      }
      try scene.write("Photos/many/.snapignore", "nothing-like-this\n")
      try scene.write(
        "Photos/cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")
      try scene.write("Photos/cache/inside", "left out")
      try await computer.snap("backup", tree)
      let before = try Objects(computer.repository)
      let (opened, result) = try await traceBackup(computer, scene, tree)
      #expect(result.exit == 0, "\(result.story)")
      #expect(result.text.contains("new 0   changed 0"), "\(result.text)")
      let allowed = ["/.snapignore", "/CACHEDIR.TAG"]
      let others = opened.filter { path in !allowed.contains { path.hasSuffix($0) } }
      #expect(others.isEmpty, "opened: \(others.prefix(10))")
      #expect(Set(opened).count == 2, "the trace sees what is opened: \(opened)")
      let added = try Objects(computer.repository).bytes(since: before)
      #expect((1..<10_000).contains(added), "\(added) bytes were added")

      // The same trace sees a file that has changed.
      try scene.write("Photos/many/0/file-0", "other content\n")
      let (after, changed) = try await traceBackup(computer, scene, tree)
      #expect(after.contains { $0.hasSuffix("/many/0/file-0") })
      #expect(changed.text.contains("changed 1 "), "\(changed.text)")
    }

    /// The regular files below `tree` that a backup opens, counted by strace.
    private func traceBackup(
      _ computer: Computer, _ scene: Scene, _ tree: String
    ) async throws -> ([String], ShellResult) {
      let trace = scene.file("trace")
      let result = try await computer.run([
        try Shell.tool("strace"), "-f", "-y", "-s", "4096", "-e", "trace=open,openat,openat2",
        "-o", trace, try Computer.binary(), "backup", tree,
      ])
      var opened: [String] = []
      for line in String(decoding: try FileMaker.read(trace), as: UTF8.self).split(separator: "\n")
      {
        // openat(5</a/folder>, "name", O_RDONLY…) = 7</a/folder/name>
        guard !line.contains("O_PATH"), line.hasSuffix(">"),
          let mark = line.firstRange(of: ") = ")?.upperBound,
          let start = line[mark...].firstIndex(of: "<")
        else { continue }
        let path = String(line[line.index(after: start)...].dropLast())
        guard path.hasPrefix(tree + "/"), let mode = FileMaker.mode(of: path) else { continue }
        if mode & S_IFMT == S_IFREG { opened.append(path) }
      }
      return (opened, result)
    }

    @Test func aChangedRunInALargeFileAddsLittle() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      var content = try Scene.noise(300_000_000)
      try scene.write("disk/image", content)
      try await computer.snap("backup", "disk")
      let before = try Objects(computer.repository)
      content.replaceSubrange(117_000_001..<137_000_001, with: try Scene.noise(20_000_000))
      try scene.write("disk/image", content)
      try await computer.snap("backup", "disk")
      let added = try Objects(computer.repository).bytes(since: before)
      #expect((20_000_000...30_000_000).contains(added), "\(added) bytes were added")
      try await computer.snap("restore", "latest", "--to", "OUT")
      #expect(try FileMaker.read(scene.file("OUT/disk/image")) == content)
    }

    @Test func longerMetadataOfPhotosAddsLittle() async throws {
      let scene = try Scene()
      let computer = try Computer(scene)
      var pictures: [Picture] = []
      for number in 0..<20 { pictures.append(try Picture(metadata: 9000 + 631 * number)) }
      func store() throws {
        for (number, picture) in pictures.enumerated() {
          try scene.write("Photos/\(number).jpg", picture.bytes)
        }
      }
      try store()
      try await computer.snap("backup", "Photos")
      let before = try Objects(computer.repository)
      for number in pictures.indices { pictures[number].metadata += try Scene.noise(37) }
      try store()
      try await computer.snap("backup", "Photos")
      let added = try Objects(computer.repository).bytes(since: before)
      let all = pictures.map(\.bytes.count).reduce(0, +)
      #expect(added > 0 && added * 100 < all * 3, "\(added) of \(all) bytes were added")
      try await computer.snap("restore", "latest", "--to", "OUT")
      try await scene.expectSame(scene.file("Photos"), scene.file("OUT/Photos"))
    }
  }
}

/// Something built like a JPEG: metadata, tables, then a scan that does not compress.
private struct Picture {
  var metadata: [UInt8]
  private let tables: [UInt8]
  private let scan: [UInt8]

  init(metadata count: Int) throws {
    metadata = Array("Exif\u{0}\u{0}MM".utf8) + (try Scene.noise(count))
    tables = [0xFF, 0xDB, 0, 67, 0] + (try Scene.noise(64))
    let head: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]
    // In a scan 0xFF is always followed by a zero.
    scan = head + (try Scene.noise(1_500_000)).map { $0 == 0xFF ? 0xFE : $0 } + [0xFF, 0xD9]
  }

  var bytes: [UInt8] {
    let length = metadata.count + 2
    return [0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + metadata + tables
      + scan
  }
}
