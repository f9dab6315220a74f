// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapFormat

/// The blob table's file in the cache: segments, packs, rows. Disposable; another version's file is
/// ignored and made anew.
enum TableFile {
  private static let magic = Array("SNAPTBL1".utf8)
  private static let headerByteCount = 64
  private static let packByteCount = 72

  /// Maps the file; nil when there is none that can be used.
  static func load(_ path: String) -> (segments: Set<ObjectID>, run: TableRun)? {
    let fd = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard fd >= 0 else { return nil }
    defer { close(fd) }
    var status = stat()
    guard unsafe fstat(fd, &status) == 0 else { return nil }
    let count = Int(status.st_size)
    guard count >= headerByteCount else { return nil }
    guard let mapping = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, fd, 0),
      unsafe mapping != MAP_FAILED
    else { return nil }
    guard let found = unsafe parse(mapping, count) else {
      unsafe munmap(mapping, count)
      return nil
    }
    return found
  }

  private static func parse(
    _ mapping: UnsafeMutableRawPointer, _ count: Int
  ) -> (segments: Set<ObjectID>, run: TableRun)? {
    let bytes = unsafe UnsafeRawBufferPointer(start: mapping, count: count)
    guard unsafe bytes.prefix(8).elementsEqual(magic) else { return nil }
    func number(_ i: Int) -> Int? {
      Int(exactly: unsafe bytes.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self))
    }
    guard let segmentCount = number(1), let packCount = number(2), let rowCount = number(3),
      let sum = number(4), segmentCount <= count / 32, packCount <= count / packByteCount,
      rowCount <= count / MemoryLayout<TableRow>.stride
    else { return nil }
    let segmentsAt = headerByteCount
    let packsAt = segmentsAt + segmentCount * 32
    let rowsAt = (packsAt + packCount * packByteCount + 63) / 64 * 64
    guard rowsAt + rowCount * MemoryLayout<TableRow>.stride == count else { return nil }
    let head = unsafe UnsafeRawBufferPointer(rebasing: bytes[segmentsAt..<rowsAt])
    guard unsafe Int(CRC32C.checksum(head)) == sum else { return nil }
    var segments = Set<ObjectID>()
    for i in 0..<segmentCount {
      segments.insert(unsafe ObjectID(unchecked: bytes, at: segmentsAt + 32 * i))
    }
    var packs: [PackInfo] = []
    packs.reserveCapacity(packCount)
    for i in 0..<packCount {
      let at = packsAt + i * packByteCount
      let group = unsafe Array(bytes[at..<at + packByteCount])
      guard let pack = PackInfo(cached: group) else { return nil }
      packs.append(pack)
    }
    let run = unsafe TableRun(
      packs: packs, mapping: mapping, mappingCount: count, offset: rowsAt, rowCount: rowCount)
    return (segments, run)
  }

  /// Writes the file; a failure costs time at the next run only, and is not reported.
  static func save(_ path: String, segments: Set<ObjectID>, run: TableRun) {
    var head: [UInt8] = []
    for segment in segments.sorted() { head += segment.bytes }
    for pack in run.packs { head += pack.cached }
    let end = headerByteCount + head.count
    head += [UInt8](repeating: 0, count: (end + 63) / 64 * 64 - end)
    let sum = unsafe head.withUnsafeBytes { unsafe CRC32C.checksum($0) }
    var header = magic
    for value in [segments.count, run.packs.count, run.count, Int(sum), 0, 0, 0] {
      for shift in stride(from: 0, to: 64, by: 8) {
        header.append(UInt8(truncatingIfNeeded: value >> shift))
      }
    }
    let temporary = path + ".tmp\(getpid())"
    let fd = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard fd >= 0 else { return }
    let wroteHead = (try? LocalFiles.write(header + head, to: fd, temporary)) != nil
    let wroteRows = unsafe wroteHead && run.withRowBytes { unsafe writeAll($0, to: fd) }
    close(fd)
    // Without a sync: a torn file fails its checks and is made anew.
    if unsafe !wroteRows || rename(temporary, path) != 0 { unsafe unlink(temporary) }
  }

  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to fd: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let rest = unsafe bytes.baseAddress.map { unsafe $0 + done }
      let count = unsafe write(fd, rest, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }
}

extension PackInfo {
  /// 72 bytes of the cache's file.
  var cached: [UInt8] {
    var out = id.bytes + [kind.rawValue, suite.rawValue, epoch, 0, 0, 0, 0, 0]
    for shift in stride(from: 0 as UInt64, to: 64, by: 8) {
      out.append(UInt8(truncatingIfNeeded: length >> shift))
    }
    return out + run.bytes + [UInt8](repeating: 0, count: 8)
  }

  init?(cached bytes: [UInt8]) {
    guard bytes.count == 72, let id = ObjectID(bytes[0..<32]),
      let kind = ObjectKind(rawValue: bytes[32]), kind.isPack,
      let suite = CipherSuite(rawValue: bytes[33]), let run = RunID(bytes[48..<64])
    else { return nil }
    var length: UInt64 = 0
    for i in 0..<8 { length |= UInt64(bytes[40 + i]) << UInt64(8 * i) }
    self.init(id: id, kind: kind, suite: suite, epoch: bytes[34], length: length, run: run)
  }

  init(
    id: ObjectID, kind: ObjectKind, suite: CipherSuite, epoch: UInt8, length: UInt64, run: RunID
  ) {
    self.id = id
    self.kind = kind
    self.suite = suite
    self.epoch = epoch
    self.length = length
    self.run = run
  }
}
