// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// A pack that is being filled, and who is still sealing into it.
final class OpenPack: Sendable {
  let builder: PackBuilder
  let number: Int

  init(builder: PackBuilder, number: Int) {
    self.builder = builder
    self.number = number
  }
}

/// The packs of one kind that a run has open. Pure bookkeeping, under the writer's lock.
struct OpenPacks {
  let kind: ObjectKind
  let target: Int
  /// Open packs: at most two.
  private(set) var open: [OpenPack] = []
  private var sealing: [Int: Int] = [:]
  private var closed: [Int: OpenPack] = [:]
  private var free: [PackBuffer] = []
  /// Packs whose buffers are in use: open, closed, or being stored.
  private var inUse = 0
  private static let inUseMax = 2

  init(kind: ObjectKind, target: Int) {
    self.kind = kind
    self.target = target
  }

  enum Place {
    /// Seal at this offset, then call `sealed`.
    case reserved(OpenPack, offset: Int)
    /// A pack was closed: store what is full, so that its buffer is free, then ask again.
    case closed
    /// Add a pack with a buffer of this many bytes, then ask again.
    case needsPack(bufferBytes: Int, PackBuffer?)
  }

  /// Finds a place; packs that are full for this blob are closed and, if nobody seals into them any
  /// more, given back to be finished.
  mutating func reserve(
    _ id: BlobID, rawCount: Int, storedCount: Int, isCompressed: Bool, full: inout [OpenPack]
  ) -> Place {
    let capacity = PackBuilder.capacity(target: target, largestBlob: storedCount + 16)
    // A second pack is opened only when the first is half full: small runs need one.
    // And none while others are still being stored: buffers are most of the memory.
    let halfFull = open.count == 1 && open[0].builder.byteCount > target / 2
    if open.isEmpty || (halfFull && inUse < Self.inUseMax) { return needsPack(capacity) }
    let first = Int(truncatingIfNeeded: id.prefix) & 1
    for step in 0..<open.count {
      let index = (first + step) % open.count
      let pack = open[index]
      if let offset = pack.builder.reserve(
        id: id, rawCount: rawCount, storedCount: storedCount, isCompressed: isCompressed)
      {
        sealing[pack.number, default: 0] += 1
        return .reserved(pack, offset: offset)
      }
    }
    // Full for this blob: close the fuller one.
    let fullest = open.indices.max { open[$0].builder.byteCount < open[$1].builder.byteCount } ?? 0
    close(at: fullest, &full)
    return .closed
  }

  private mutating func needsPack(_ capacity: Int) -> Place {
    // Counted now: before `add`, another thread may ask.
    inUse += 1
    return .needsPack(bufferBytes: capacity, takeBuffer(capacity))
  }

  private mutating func takeBuffer(_ capacity: Int) -> PackBuffer? {
    guard let index = free.firstIndex(where: { $0.capacity >= capacity }) else { return nil }
    return free.remove(at: index)
  }

  mutating func add(_ pack: OpenPack) { open.append(pack) }

  /// Ends a seal; gives the pack back when it is closed and this was the last one.
  mutating func sealed(_ pack: OpenPack) -> OpenPack? {
    let left = (sealing[pack.number] ?? 1) - 1
    sealing[pack.number] = left == 0 ? nil : left
    guard left == 0 else { return nil }
    return closed.removeValue(forKey: pack.number)
  }

  /// Closes all open packs.
  mutating func closeAll(_ full: inout [OpenPack]) {
    while !open.isEmpty { close(at: open.count - 1, &full) }
  }

  private mutating func close(at index: Int, _ full: inout [OpenPack]) {
    let pack = open.remove(at: index)
    if sealing[pack.number] == nil { full.append(pack) } else { closed[pack.number] = pack }
  }

  mutating func recycle(_ buffer: PackBuffer) {
    inUse -= 1
    // One spare is enough: the others are in use.
    if free.isEmpty { free.append(buffer) }
  }
}
