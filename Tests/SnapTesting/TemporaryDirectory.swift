// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A new directory of its own, mode 0700, removed with all its content when the value goes.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path, without a final slash.
  public let path: String

  /// Makes a directory in `parent`.
  ///
  /// - Throws: ``FileFailure``.
  public init(in parent: String = "/tmp") throws {
    var template = Array("\(parent)/snap-test-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return false }
      return unsafe mkdtemp(start) != nil
    }
    guard made else { throw FileFailure("cannot make a directory in \(parent)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    TemporaryDirectory.removeAll(path)
  }

  /// The path of `name` inside.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Removes whatever is there, directories with all their content; never follows links.
  private static func removeAll(_ path: String) {
    if unsafe unlink(path) == 0 { return }
    _ = unsafe chmod(path, 0o700)
    for name in (try? FileMaker.names(in: path)) ?? [] { removeAll("\(path)/\(name)") }
    _ = unsafe rmdir(path)
  }
}
