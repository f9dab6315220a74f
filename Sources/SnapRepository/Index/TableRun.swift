// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapFormat
import SnapLock

/// One row of the blob table: 48 bytes, the same in memory and in the table's file.
struct TableRow {
  var id: BlobID
  var pack: UInt32
  var offset: UInt32
  var sealedCount: UInt32
  var word: UInt32

  init(_ record: BlobRecord, pack: UInt32, offset: UInt32) {
    id = record.id
    self.pack = pack
    self.offset = offset
    sealedCount = record.sealedCount
    word = (record.isCompressed ? 1 << 28 : 0) | record.rawCount
  }

  var record: BlobRecord {
    BlobRecord(
      id: id, sealedCount: sealedCount, rawCount: word & 0x0FFF_FFFF,
      isCompressed: word >> 28 != 0)
  }
}

/// Sorted rows of some index segments, in memory or mapped from a file. Immutable.
@safe final class TableRun: @unchecked Sendable {
  // Sendable: rows never change after init; the relied bits are behind a lock.
  let packs: [PackInfo]
  private let rows: UnsafeBufferPointer<TableRow>
  private let mapping: UnsafeMutableRawPointer?
  private let mappingCount: Int
  private let relied: Lock<[UInt64]>

  var count: Int { unsafe rows.count }

  /// Sorts the rows of `groups`, together with those of `base`.
  init(groups: [IndexGroup], base: TableRun? = nil) {
    packs = (base?.packs ?? []) + groups.map(PackInfo.init)
    let old = base?.count ?? 0
    let total = old + groups.reduce(0) { $0 + $1.records.count }
    let buffer = UnsafeMutableBufferPointer<TableRow>.allocate(capacity: max(total, 1))
    var at = 0
    if let base {
      for i in 0..<old { unsafe buffer.initializeElement(at: i, to: base.rows[i]) }
      at = old
    }
    for (i, group) in groups.enumerated() {
      var offset = UInt32(ObjectHeader.byteCount)
      let pack = UInt32(i + (base?.packs.count ?? 0))
      for record in group.records {
        unsafe buffer.initializeElement(
          at: at, to: TableRow(record, pack: pack, offset: offset))
        offset &+= record.sealedCount
        at += 1
      }
    }
    var used = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<total])
    unsafe used.sort { $0.id < $1.id }
    unsafe rows = UnsafeBufferPointer(used)
    unsafe mapping = nil
    mappingCount = 0
    relied = Lock([])
  }

  /// One run of the rows of several, without their marks.
  init(merging others: [TableRun]) {
    let total = others.reduce(0) { $0 + $1.count }
    let buffer = UnsafeMutableBufferPointer<TableRow>.allocate(capacity: max(total, 1))
    var packs: [PackInfo] = []
    var at = 0
    for other in others {
      let shift = UInt32(packs.count)
      packs += other.packs
      for i in 0..<other.count {
        var row = unsafe other.rows[i]
        row.pack += shift
        unsafe buffer.initializeElement(at: at, to: row)
        at += 1
      }
    }
    var used = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<total])
    unsafe used.sort { $0.id < $1.id }
    self.packs = packs
    unsafe rows = UnsafeBufferPointer(used)
    unsafe mapping = nil
    mappingCount = 0
    relied = Lock([])
  }

  /// Takes rows that are mapped from a file: `rowCount` of them from `offset`.
  ///
  /// The caller proves that they lie inside the mapping.
  init(
    packs: [PackInfo], mapping: UnsafeMutableRawPointer, mappingCount: Int, offset: Int,
    rowCount: Int
  ) {
    self.packs = packs
    unsafe self.mapping = mapping
    self.mappingCount = mappingCount
    let start = unsafe (mapping + offset).bindMemory(to: TableRow.self, capacity: rowCount)
    unsafe rows = UnsafeBufferPointer(start: start, count: rowCount)
    relied = Lock([])
  }

  deinit {
    if let mapping = unsafe mapping {
      unsafe munmap(mapping, mappingCount)
    } else {
      unsafe UnsafeMutablePointer(mutating: rows.baseAddress)?.deallocate()
    }
  }

  /// The rows of one id; usually none or one. O(log log n): ids are uniform.
  func range(of id: BlobID) -> Range<Int> {
    var low = 0
    var high = unsafe rows.count
    while high - low > 8 {
      let (first, last) = unsafe (rows[low].id.prefix, rows[high - 1].id.prefix)
      if id.prefix < first || id.prefix > last { return low..<low }
      let span = last - first
      // The guess is clamped so that each round shrinks the window.
      let share = span == 0 ? 0.5 : Double(id.prefix - first) / Double(span)
      let middle = min(max(low + Int(share * Double(high - low - 1)), low + 1), high - 1)
      let width = max(4, (high - low) >> 6)
      let a = max(low, middle - width)
      let b = min(high - 1, middle + width)
      if unsafe rows[a].id >= id {
        high = min(a + 1, high - 1)
        if unsafe a == low && rows[low].id == id { break }
      } else if unsafe rows[b].id < id {
        low = b + 1
      } else {
        low = a
        high = b + 1
        break
      }
    }
    return binarySearch(id, low, high)
  }

  private func binarySearch(_ id: BlobID, _ from: Int, _ to: Int) -> Range<Int> {
    var (low, high) = (from, to)
    while low < high {
      let middle = (low + high) / 2
      if unsafe rows[middle].id < id { low = middle + 1 } else { high = middle }
    }
    // `to` may have cut off equal rows on the right, never on the left.
    var end = low
    while unsafe end < rows.count, unsafe rows[end].id == id { end += 1 }
    return low..<end
  }

  func location(_ row: Int) -> BlobLocation? {
    let row = unsafe rows[row]
    // The file is only a cache: a number that points nowhere is no answer.
    guard Int(row.pack) < packs.count else { return nil }
    return BlobLocation(pack: packs[Int(row.pack)], offset: row.offset, record: row.record)
  }

  func id(_ row: Int) -> BlobID { unsafe rows[row].id }

  /// Marks a row that the running backup counts on.
  func rely(on row: Int) {
    relied.with { bits in
      if bits.isEmpty { bits = unsafe [UInt64](repeating: 0, count: (rows.count + 63) / 64) }
      bits[row >> 6] |= 1 << UInt64(row & 63)
    }
  }

  /// The ids of all marked rows.
  func reliedIDs() -> [BlobID] {
    relied.with { bits in
      var out: [BlobID] = []
      for (i, word) in bits.enumerated() where word != 0 {
        for bit in 0..<64 where word >> UInt64(bit) & 1 != 0 {
          out.append(unsafe rows[i * 64 + bit].id)
        }
      }
      return out
    }
  }

  /// The rows as bytes, for the file.
  func withRowBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe body(UnsafeRawBufferPointer(rows))
  }
}
