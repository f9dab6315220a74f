// SPDX-License-Identifier: Apache-2.0

import SnapFiles
import SnapFormat
import SnapRepository

/// A place that a blob goes to.
struct BlobUse: Sendable {
  let file: RestoringFile
  let offset: UInt64
}

/// A blob that is wanted, and all its places.
struct WantedBlob: Sendable {
  let record: BlobRecord
  let offset: UInt32
  var uses: [BlobUse]
}

/// Neighbouring blobs of one pack that are read at once.
struct FetchJob: Sendable {
  let pack: PackInfo
  var blobs: [WantedBlob]

  /// Bytes read at once; keeps a thread's memory small.
  static let byteCountMax = 4 << 20
  /// Unwanted bytes between two blobs that are cheaper read than skipped.
  static let gapMax = 64 << 10

  /// Groups blobs of one pack, sorted by offset.
  static func split(_ pack: PackInfo, _ blobs: [WantedBlob]) -> [FetchJob] {
    var jobs: [FetchJob] = []
    var current: [WantedBlob] = []
    var start = 0
    var end = 0
    for blob in blobs.sorted(by: { $0.offset < $1.offset }) {
      let from = Int(blob.offset)
      let to = from + Int(blob.record.sealedCount)
      if !current.isEmpty, from - end > gapMax || to - start > byteCountMax {
        jobs.append(FetchJob(pack: pack, blobs: current))
        current = []
      }
      if current.isEmpty { start = from }
      current.append(blob)
      end = max(end, to)
    }
    if !current.isEmpty { jobs.append(FetchJob(pack: pack, blobs: current)) }
    return jobs
  }

  var range: Range<Int> {
    let start = blobs.map { Int($0.offset) }.min() ?? 0
    let end = blobs.map { Int($0.offset) + Int($0.record.sealedCount) }.max() ?? 0
    return start..<end
  }
}

/// What one thread needs to open blobs.
final class FetchWorker: @unchecked Sendable {
  // Sendable: lent to one task at a time.
  let opener: BlobOpener
  private var cipher: (pack: ObjectID, context: AEADContext)?

  init(_ ring: KeyRing) throws { opener = try BlobOpener(dedup: ring.dedup) }

  func cipher(_ pack: PackInfo, _ ring: KeyRing) throws(FormatError) -> AEADContext {
    if let cipher, cipher.pack == pack.id { return cipher.context }
    let context = try pack.key(ring).cipher()
    cipher = (pack.id, context)
    return context
  }
}
