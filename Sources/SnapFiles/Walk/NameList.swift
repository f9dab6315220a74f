// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc

/// The names of one directory in bytewise order, in one piece of memory.
struct NameList: Sendable {
  /// A name; its first eight bytes decide most comparisons.
  struct Item: Sendable {
    let prefix: UInt64
    let offset: Int
    let length: Int32
    /// The kernel's `d_type`; 0 if it does not say.
    let type: UInt8
  }

  private(set) var items: [Item] = []
  private var bytes: [UInt8] = []
  /// The directory holds a `.snapignore`.
  private(set) var hasRules = false
  /// The directory holds a CACHEDIR.TAG.
  private(set) var hasCacheTag = false

  static let rulesName = Array(".snapignore".utf8)
  static let cacheTagName = Array("CACHEDIR.TAG".utf8)

  var count: Int { items.count }

  func type(at index: Int) -> UInt8 { items[index].type }

  func name(at index: Int) -> ArraySlice<UInt8> {
    let item = items[index]
    return bytes[item.offset..<item.offset + Int(item.length)]
  }

  /// Forgets all names and keeps the memory, unless that was a very large directory's.
  mutating func clear() {
    let keeps = bytes.capacity < 1 << 20
    items.removeAll(keepingCapacity: keeps)
    bytes.removeAll(keepingCapacity: keeps)
    hasRules = false
    hasCacheTag = false
  }

  /// Takes the names as they are, which must be in order.
  mutating func fill(_ names: [[UInt8]]) {
    clear()
    for name in names { unsafe name.withUnsafeBytes { unsafe append($0, type: 0) } }
  }

  /// Keeps nothing but CACHEDIR.TAG.
  mutating func keepCacheTag() {
    items.removeAll { item in
      !bytes[item.offset..<item.offset + Int(item.length)].elementsEqual(Self.cacheTagName)
    }
    hasRules = false
  }

  /// Reads all names of an open directory: 0 or a positive errno, after which those that were read
  /// so far are there.
  mutating func read(_ directory: DirectoryHandle, buffer: inout [UInt8]) -> Int32 {
    clear()
    var failure: Int32 = 0
    while true {
      let got = unsafe buffer.withUnsafeMutableBytes { room in
        guard let start = room.baseAddress else { return Int64(0) }
        return unsafe snap_file_list(directory.descriptor, start, room.count)
      }
      if got < 0 { failure = Int32(truncatingIfNeeded: -got) }
      if got <= 0 { break }
      unsafe buffer.withUnsafeBytes { room in
        unsafe take(UnsafeRawBufferPointer(rebasing: room.prefix(Int(got))))
      }
    }
    sort()
    return failure
  }

  /// Takes records of the kernel: inode (8 bytes), offset (8), length of the record (2), type (1),
  /// name, NUL.
  private mutating func take(_ records: UnsafeRawBufferPointer) {
    var at = 0
    while at + 19 < records.count {
      let length = unsafe Int(records.loadUnaligned(fromByteOffset: at + 16, as: UInt16.self))
      guard length > 19, at + length <= records.count else { return }
      let type = unsafe records[at + 18]
      let field = unsafe UnsafeRawBufferPointer(rebasing: records[at + 19..<at + length])
      let end = unsafe field.baseAddress.map { unsafe strnlen($0, field.count) } ?? 0
      let name = unsafe UnsafeRawBufferPointer(rebasing: field[..<end])
      let isDots =
        unsafe end == 0 || name[0] == 0x2E && (end == 1 || end == 2 && name[1] == 0x2E)
      if !isDots { unsafe append(name, type: type) }
      at += length
    }
  }

  private mutating func append(_ name: UnsafeRawBufferPointer, type: UInt8) {
    var prefix: UInt64 = 0
    for i in 0..<min(8, name.count) {
      unsafe prefix |= UInt64(name[i]) << UInt64(56 - 8 * i)
    }
    items.append(
      Item(prefix: prefix, offset: bytes.count, length: Int32(name.count), type: type))
    unsafe bytes.append(contentsOf: name)
    if name.count == Self.rulesName.count, unsafe name.elementsEqual(Self.rulesName) {
      hasRules = true
    }
    if name.count == Self.cacheTagName.count, unsafe name.elementsEqual(Self.cacheTagName) {
      hasCacheTag = true
    }
  }

  private mutating func sort() {
    let (count, before) = (items.count, items)
    guard count > 1 else { return }
    items = []  // the only reference is sorted
    var sorted = consume before
    unsafe bytes.withUnsafeBytes { bytes in
      sorted.sort { unsafe Self.precedes($0, $1, bytes) }
      // A damaged directory may hold a name twice, a tree may not.
      var kept = 1
      for i in 1..<count where unsafe Self.precedes(sorted[kept - 1], sorted[i], bytes) {
        sorted[kept] = sorted[i]
        kept += 1
      }
      sorted.removeLast(count - kept)
    }
    items = sorted
  }

  private static func precedes(_ a: Item, _ b: Item, _ bytes: UnsafeRawBufferPointer) -> Bool {
    if a.prefix != b.prefix { return a.prefix < b.prefix }
    // No name holds a NUL: with equal prefixes, one of up to eight bytes is the other's begin.
    let shared = min(a.length, b.length)
    if shared > 8, let start = bytes.baseAddress {
      let order = unsafe memcmp(start + a.offset + 8, start + b.offset + 8, Int(shared) - 8)
      if order != 0 { return order < 0 }
    }
    return a.length < b.length
  }
}
