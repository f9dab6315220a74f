// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SnapLock

/// `tmp/reserve`: a file whose room is given up when the disk is full.
///
/// Then removals and the few small objects that `forget` and `prune` must write still succeed.
final class Reserve: Sendable {
  /// Length of the file in bytes.
  static let size = 1 << 20
  /// Only objects up to this length, in bytes, may use the room.
  static let objectSizeMax = 256 << 10
  /// The file is made again only when this much room is left, in bytes.
  private static let roomMin: Int64 = 4 << 20
  private static let leaf = "reserve"

  private enum State: Sendable {
    case unknown
    case present
    case released
    /// Making it failed; not tried again by this process.
    case refused
  }
  private let folders: LocalFolders
  private let state = Lock(State.unknown)

  init(_ folders: LocalFolders) {
    self.folders = folders
  }

  /// Gives the room up; false when there was none to give.
  func release() -> Bool {
    state.with { state in
      guard let tmp = try? folders.open("tmp"),
        unsafe snap_store_remove(tmp.number, Reserve.leaf) == 0
      else { return false }
      // Some file systems free the room only with the folder's commit.
      _ = snap_store_sync_folder(tmp.number)
      state = .released
      return true
    }
  }

  /// Makes the file where it is missing and there is room. Never an error: it is only a help.
  func ensure() {
    state.with { state in
      guard state == .unknown || state == .released else { return }
      do {
        state = try make() ? .present : .released
      } catch {
        state = .refused
      }
    }
  }

  private func make() throws(BackendError) -> Bool {
    let tmp = try folders.make("tmp")
    var entry = unsafe snap_store_entry()
    if unsafe snap_store_look(tmp.number, Reserve.leaf, &entry) == 0,
      unsafe entry.size >= Reserve.size
    {
      return true
    }
    guard snap_store_room(tmp.number) >= Reserve.roomMin else { return false }
    let file = try TemporaryFile(in: tmp, Reserve.filling(), "the reserve")
    try file.sync()
    try file.rename(to: Reserve.leaf, in: tmp, .replace)
    return true
  }

  /// Bytes that no file system can compress or share (splitmix64 from a random start).
  private static func filling() -> ObjectBody {
    var state = UInt64.random(in: .min ... .max)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    while bytes.count < size {
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      word ^= word >> 31
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * shift))) }
    }
    return ObjectBody(bytes)
  }
}
