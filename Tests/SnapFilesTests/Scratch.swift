// SPDX-License-Identifier: Apache-2.0
import Glibc
import SnapFormat
import Testing

@testable import SnapFiles

// Not importable from Glibc, which hides it in a header of its own.
@_silgen_name("lsetxattr")
private func lsetxattr(
  _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeRawPointer?,
  _ size: Int, _ flags: Int32
) -> Int32

/// A temporary directory to walk and read in.
final class Scratch: Sendable {
  /// The real path.
  let root: String

  init() throws {
    var template = Array("/tmp/snap-read-XXXXXX".utf8CString)
    try #require(unsafe mkdtemp(&template) != nil)
    let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let real = unsafe try #require(realpath(made, nil))
    defer { unsafe free(real) }
    root = unsafe String(cString: real)
  }

  deinit { Self.shell("chmod -R u+rwx '\(root)' 2>/dev/null; rm -rf '\(root)'") }

  /// Runs a command line and waits.
  @discardableResult
  static func shell(_ line: String) -> Int32 { unsafe system(line) }

  /// Runs a command line in the directory and waits.
  @discardableResult
  func shell(_ line: String) -> Int32 { Self.shell("cd '\(root)' && { \(line) ; }") }

  /// The whole path of a name.
  func path(_ name: String) -> String { root + "/" + name }

  /// How the directory is stored: without its '/'.
  var stored: [UInt8] { Array(root.utf8.dropFirst()) }

  /// Makes a directory and those above it.
  func directory(_ name: String) throws {
    var made = root
    for part in name.split(separator: "/") {
      made += "/" + part
      if unsafe mkdir(made, 0o755) != 0 { try #require(errno == EEXIST, "\(name)") }
    }
  }

  /// Writes a file, with the directories above it; the name may be any bytes.
  func file(_ name: [UInt8], _ bytes: [UInt8] = Array("x".utf8)) throws {
    let path = Array(root.utf8) + [0x2F] + name + [0]
    let file = unsafe Glibc.open(
      path.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    try #require(file >= 0, "\(name)")
    defer { close(file) }
    let written = unsafe Glibc.write(file, bytes, bytes.count)
    try #require(written == bytes.count)
  }

  /// Writes a file, with the directories above it.
  func file(_ name: String, _ text: String = "x") throws {
    if let cut = name.lastIndex(of: "/") { try directory(String(name[..<cut])) }
    try file(Array(name.utf8), Array(text.utf8))
  }

  /// Sets an extended attribute; false where the file system has none.
  func setXattr(_ name: String, _ attribute: String, _ value: [UInt8]) -> Bool {
    unsafe lsetxattr(path(name), attribute, value, value.count, 0) == 0
  }

  /// Says on standard error what could not be tested here.
  static func note(_ text: String) {
    let line = Array("not tested here: \(text)\n".utf8)
    _ = unsafe Glibc.write(2, line, line.count)
  }
}

/// What a whole walk gave.
struct WalkResult {
  var entries: [FoundEntry] = []
  var problems: [FileError] = []
  var counts = WalkCounts()
  var roots: [Root] = []

  init(_ roots: [String], _ options: WalkOptions = WalkOptions()) throws {
    var walker = try TreeWalker(roots: roots, options: options)
    while let event = walker.next() {
      switch event {
      case .entry(let entry): entries.append(entry)
      case .problem(let problem): problems.append(problem)
      }
    }
    counts = walker.counts
    self.roots = walker.roots
  }

  /// The paths below the scratch directory, without the ancestors.
  func names(_ scratch: Scratch) -> [String] {
    entries.filter { !$0.isAncestor && $0.path.count > scratch.stored.count }
      .map { String(decoding: $0.path.dropFirst(scratch.stored.count + 1), as: UTF8.self) }
  }

  func found(_ path: [UInt8]) -> FoundEntry? { entries.first { $0.path == path } }
}

extension Scratch {
  /// Walks the whole directory and gives the entry of one name in it.
  func found(_ name: String) throws -> FoundEntry {
    let path = stored + [0x2F] + Array(name.utf8)
    return try #require(try WalkResult([root]).found(path), "\(name)")
  }
}

/// Repeatable random numbers (splitmix64).
struct ScratchRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// A seed for this run, for the message of a test that fails.
  static func seed() -> UInt64 { UInt64.random(in: .min ... .max) }

  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &self)]
  }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &self) == 0 }
}
