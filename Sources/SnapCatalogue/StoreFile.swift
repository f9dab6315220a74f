// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The files of a catalogue, and the lock that keeps one process from deleting them while another
/// uses them.
///
/// A lock file stands beside the database: every user of the catalogue holds it shared, who opens
/// it first holds it alone until the database is sound. A byte in it condemns the database.
final class StoreFile: Sendable {
  private let path: String
  private let lock: CInt
  /// Nobody else has the database open.
  let isAlone: Bool

  private init(_ path: String, _ lock: CInt, isAlone: Bool) {
    self.path = path
    self.lock = lock
    self.isAlone = isAlone
  }

  deinit {
    // This releases the lock.
    close(lock)
  }

  /// Nil if the lock file cannot be made, or does not become free within `seconds`.
  static func open(_ path: String, seconds: Double) -> StoreFile? {
    let mode: mode_t = 0o600
    let lock = unsafe Glibc.open(
      path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode)
    guard lock >= 0 else { return nil }
    let isAlone = flock(lock, LOCK_EX | LOCK_NB) == 0
    let file = StoreFile(path, lock, isAlone: isAlone)
    return isAlone || share(lock, seconds: seconds) ? file : nil
  }

  /// Lets others in.
  func share(seconds: Double) {
    _ = Self.share(lock, seconds: seconds)
  }

  private static func share(_ lock: CInt, seconds: Double) -> Bool {
    // Not a blocking call: the holder may be a stopped process.
    var rest = Int(seconds * 50)
    while flock(lock, LOCK_SH | LOCK_NB) != 0 {
      guard rest > 0, errno == EWOULDBLOCK || errno == EINTR else { return errno == ENOLCK }
      rest -= 1
      usleep(20_000)
    }
    return true
  }

  /// The next one alone with the database deletes it.
  func condemn() {
    let mark: [UInt8] = [1]
    _ = unsafe mark.withUnsafeBytes { unsafe pwrite(lock, $0.baseAddress, $0.count, 0) }
  }

  var isCondemned: Bool {
    lseek(lock, 0, SEEK_END) > 0
  }

  /// Deletes the database. Only when alone.
  func removeDatabase() {
    for suffix in ["", "-wal", "-shm", "-journal"] { _ = unsafe unlink(path + suffix) }
    _ = ftruncate(lock, 0)
  }

  /// Makes an empty file that only its owner may read; SQLite gives its other files the same mode.
  /// Only when alone: closing a descriptor of a database would drop the locks of this process.
  func createPrivate() {
    let mode: mode_t = 0o600
    let file = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    if file >= 0 { close(file) }
  }
}
