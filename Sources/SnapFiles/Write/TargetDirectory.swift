// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SnapFormat
import Synchronization

/// An open directory inside the target; it is closed when nobody holds it any more.
final class TargetDirectory: Sendable {
  let descriptor: Int32
  /// New files get an access control list from the directory, which they may not keep.
  let passesACLOn: Bool

  /// Takes the descriptor over.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    passesACLOn = snap_out_passes_acl_on(descriptor) == 1
  }

  deinit { snap_out_close(descriptor) }

  /// A name as C wants it: with a NUL at the end.
  static func cName(_ bytes: some Collection<UInt8>) -> [CChar] {
    var out = [CChar]()
    out.reserveCapacity(bytes.count + 1)
    for byte in bytes { out.append(CChar(bitPattern: byte)) }
    out.append(0)
    return out
  }
}

/// The directories that were used last, by path below the target.
final class TargetDirectoryCache: Sendable {
  private struct Slot {
    let directory: TargetDirectory
    var used: UInt64
  }
  private struct State {
    var slots: [[UInt8]: Slot] = [:]
    var clock: UInt64 = 0
  }
  private let state = Mutex(State())
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  func find(_ path: [UInt8]) -> TargetDirectory? {
    state.withLock { state in
      state.clock += 1
      state.slots[path]?.used = state.clock
      return state.slots[path]?.directory
    }
  }

  /// The nearest cached directory above `path` and where the rest of the path begins.
  func nearest(above path: [UInt8]) -> (TargetDirectory, rest: Int)? {
    var parent = path
    // Only a few steps: a very deep path is walked from the top, or looking would cost the more.
    for _ in 0..<8 {
      parent = TreePath.parent(parent)
      if parent.isEmpty { return nil }
      if let directory = find(parent) { return (directory, parent.count + 1) }
    }
    return nil
  }

  func insert(_ directory: TargetDirectory, at path: [UInt8]) {
    // What is thrown out is closed after the lock is given back.
    let old: TargetDirectory? = state.withLock { state in
      var oldest: TargetDirectory?
      if state.slots.count >= capacity, state.slots[path] == nil,
        let victim = state.slots.min(by: { $0.value.used < $1.value.used })
      {
        oldest = victim.value.directory
        state.slots[victim.key] = nil
      }
      state.clock += 1
      state.slots[path] = Slot(directory: directory, used: state.clock)
      return oldest
    }
    _ = old
  }
}
