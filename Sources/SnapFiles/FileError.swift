// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc

/// A file, folder or other node that could not be read or written.
public struct FileError: Error, Sendable, CustomStringConvertible {
  /// Which one: raw bytes, as the message at hand names it.
  public let path: [UInt8]
  /// The system's reason; `ESTALE` where another node took the name meanwhile.
  public let errno: Int32
  /// What was tried, to stand behind "cannot": "open", "read", "list" …
  public let doing: String

  /// Takes the facts.
  public init(path: [UInt8], errno: Int32, doing: String) {
    self.path = path
    self.errno = errno
    self.doing = doing
  }

  /// The system's reason in English.
  public var reason: String {
    if errno == ESTALE { return "it was replaced meanwhile" }
    return unsafe String(cString: snap_store_error_text(errno))
  }

  /// One line; bytes that are no printable text are escaped as `\xNN`.
  public var description: String { "cannot \(doing) \(Self.printable(path)): \(reason)" }

  private static func printable(_ path: [UInt8]) -> String {
    var out = ""
    var rest = path[...]
    while let byte = rest.first {
      let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      if let text = String(validating: rest.prefix(length), as: UTF8.self),
        let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1,
        scalar.properties.generalCategory != .control, scalar.properties.generalCategory != .format
      {
        out += text
        rest = rest.dropFirst(length)
      } else {
        let digits = String(byte, radix: 16)
        out += digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
        rest = rest.dropFirst()
      }
    }
    return out
  }
}
