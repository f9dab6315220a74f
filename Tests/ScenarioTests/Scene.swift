// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting
import Testing

/// All scenarios, one after the other: several at once would only disturb each other.
@Suite(.serialized) enum Scenarios {}

/// A folder of its own for one scenario; it goes, with whatever is mounted or immutable in it.
final class Scene: Sendable {
  private let folder: TemporaryDirectory
  /// Its absolute path.
  let path: String

  /// Makes the folder.
  init() throws {
    folder = try TemporaryDirectory()
    path = folder.path
  }

  deinit {
    let text = """
      grep -F " $0/" /proc/mounts | cut -d' ' -f2 | while read -r m; do umount -l "$m"; done
      chattr -R -f -ia "$0"
      chmod -R u+rwx "$0"
      rm -rf "$0"
      """
    guard let bash = try? Shell.tool("bash"),
      let running = try? Running([bash, "-c", text, path])
    else { return }
    while running.isAlive { usleep(2000) }
  }

  /// Whether the tests may do what only root may.
  static var isRoot: Bool { geteuid() == 0 }

  /// Says on standard error what is not tested here.
  static func notTested(_ what: String) {
    say("not tested, because this is not root: \(what)")
  }

  /// Prints a line beside what the tests print.
  static func say(_ text: String) {
    let line = text + "\n"
    _ = unsafe line.withCString { unsafe Glibc.write(2, $0, strlen($0)) }
  }

  /// The path of `name` inside.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes a folder inside and gives its path.
  @discardableResult func makeFolder(_ name: String) throws -> String {
    try FileMaker.makeDirectory(file(name), mode: 0o755)
    return file(name)
  }

  /// Writes a text file inside and gives its path; folders above it are made.
  @discardableResult func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  /// Writes a file inside and gives its path; folders above it are made.
  @discardableResult func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    if let slash = name.lastIndex(of: "/") { try makeFolder(String(name[..<slash])) }
    try FileMaker.write(bytes, to: file(name), mode: 0o644)
    return file(name)
  }

  /// `count` bytes that cannot be compressed, from the system.
  static func noise(_ count: Int) throws -> [UInt8] {
    let source = unsafe open("/dev/urandom", O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw ScenarioFailure(description: "no /dev/urandom") }
    defer { close(source) }
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let done = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe read(source, buffer.baseAddress?.advanced(by: filled), count - filled)
      }
      guard done > 0 else { throw ScenarioFailure(description: "cannot read /dev/urandom") }
      filled += done
    }
    return bytes
  }

  /// A small tree: texts, noise of 600 kB, a link, an empty folder. Gives its path.
  @discardableResult func makeSmallTree(_ name: String = "Photos") throws -> String {
    try write("\(name)/list.txt", "one\ntwo\n")
    try write("\(name)/2023/a.jpg", Scene.noise(400_000))
    try write("\(name)/2023/b.jpg", Scene.noise(200_000))
    try write("\(name)/2023/summer/note.txt", String(repeating: "sun and sea\n", count: 5000))
    try makeFolder("\(name)/empty")
    try FileMaker.makeLink(file("\(name)/newest"), to: "2023/b.jpg")
    return file(name)
  }

  /// What rsync would change to make `copy` like `original`; empty when they are the same.
  func differences(_ original: String, _ copy: String) async throws -> String {
    let result = try await Shell.run(
      [
        try Shell.tool("rsync"), "-aHAXni", "--checksum", "--delete", original + "/", copy + "/",
      ], in: path)
    guard result.exit == 0 else {
      return "rsync cannot compare \(original) and \(copy): \(result.story)"
    }
    return result.text + result.errors
  }

  /// Expects two trees to be the same, by rsync and by our own look at them.
  func expectSame(
    _ original: String, _ copy: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let seen = try await differences(original, copy)
    #expect(seen.isEmpty, "rsync sees: \(seen.prefix(2000))", sourceLocation: sourceLocation)
    let own = try TreeLook(original).differences(to: TreeLook(copy))
    #expect(own.isEmpty, "\(own.prefix(20))", sourceLocation: sourceLocation)
  }
}
