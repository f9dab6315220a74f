// SPDX-License-Identifier: Apache-2.0

/// A name as C wants it.
enum CName {
  /// Calls `body` with a NUL behind `name`; the pointer lives only so long.
  static func with<Result>(
    _ name: some Collection<UInt8>, _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    let count = name.count
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { room in
      var at = 0
      for byte in name where at < count {
        unsafe room[at] = CChar(bitPattern: byte)
        at += 1
      }
      // The capacity is one more than `at` can reach; it is never empty.
      unsafe room[at] = 0
      guard let start = unsafe UnsafePointer(room.baseAddress) else {
        var empty: CChar = 0
        return unsafe body(&empty)
      }
      return unsafe body(start)
    }
  }
}
