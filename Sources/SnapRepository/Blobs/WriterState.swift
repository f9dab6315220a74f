// SPDX-License-Identifier: Apache-2.0

import SnapFormat

/// A blob of this run, in one of the two kinds of pack.
struct OwnBlob: Hashable {
  let isTree: Bool
  let id: BlobID

  init(_ kind: ObjectKind, _ id: BlobID) {
    isTree = kind == .treePack
    self.id = id
  }
}

/// What the threads of a run share, under its lock.
struct WriterState {
  var view: IndexView
  /// Blobs that this run stores or has stored since its last segment.
  var own = Set<OwnBlob>()
  /// Data packs, tree packs.
  var packs: [OpenPacks]
  var lastNumber = 0
  /// Numbers of packs that are open or being stored.
  var unfinished = Set<Int>()
  var waiters: [(upTo: Int, continuation: CheckedContinuation<Void, any Error>)] = []
  var failure: (any Error)?
  /// Stored packs that no segment names yet.
  var groups: [IndexGroup] = []
  /// Packs of this run that a segment names.
  var ownPacks: [ObjectID] = []
  var pendings: [ObjectID] = []
  var lastAnnounced: Double
  var bytesSinceCheckpoint: UInt64 = 0
  var lastCheckpoint: Double
  var packsWritten = 0
  var bytesWritten: UInt64 = 0
  var newBytes: UInt64 = 0
  var storedBytes: UInt64 = 0

  init(view: IndexView, dataTarget: Int, treeTarget: Int, now: Double) {
    self.view = view
    packs = [
      OpenPacks(kind: .dataPack, target: dataTarget),
      OpenPacks(kind: .treePack, target: treeTarget),
    ]
    lastAnnounced = now
    lastCheckpoint = now
  }

  func slot(_ kind: ObjectKind) -> Int { kind == .treePack ? 1 : 0 }

  func isDone(upTo number: Int) -> Bool { !unfinished.contains { $0 <= number } }

  mutating func takeWaiters() -> [CheckedContinuation<Void, any Error>] {
    var ready: [CheckedContinuation<Void, any Error>] = []
    var rest: [(upTo: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    for waiter in waiters {
      if failure != nil || isDone(upTo: waiter.upTo) {
        ready.append(waiter.continuation)
      } else {
        rest.append(waiter)
      }
    }
    waiters = rest
    return ready
  }
}
