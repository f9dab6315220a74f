// SPDX-License-Identifier: Apache-2.0

import SnapLock

/// What a source gives next: work for a thread, or something that is finished already.
enum Work<Input: Sendable, Output: Sendable>: Sendable {
  case task(Input)
  case done(Output)
}

/// Maps a source on the threads of `pool` and hands the results on in the source's order.
///
/// At most `width` inputs are under way or waiting for their turn: that bounds the memory. The
/// first error cancels the rest and is thrown.
func mapInOrder<Input: Sendable, Output: Sendable>(
  on pool: WorkerPool, width: Int,
  next: () async throws -> Work<Input, Output>?,
  transform: @escaping @Sendable (Input) async throws -> Output,
  emit: (Output) async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: (Int, Output).self) { group in
    var begun = 0
    var emitted = 0
    var ready: [Int: Output] = [:]
    var isAtEnd = false
    var running = 0
    while true {
      // Whatever is ready goes on at once, so that finished inputs never fill the window.
      while let output = ready.removeValue(forKey: emitted) {
        emitted += 1
        try await emit(output)
      }
      // One more than threads, so that none waits for this loop; not more, because a task that
      // waits for the storage keeps its buffers.
      if !isAtEnd, running <= pool.count, begun - emitted < width {
        let index = begun
        switch try await next() {
        case nil: isAtEnd = true
        case .done(let output)?:
          ready[index] = output
          begun += 1
        case .task(let input)?:
          group.addTask(executorPreference: pool) { (index, try await transform(input)) }
          begun += 1
          running += 1
        }
      } else if isAtEnd, emitted == begun {
        return
      } else if let (index, output) = try await group.next() {
        ready[index] = output
        running -= 1
      }
    }
  }
}

/// Things that threads lend each other: contexts and buffers that are costly to make.
final class Lending<Item: Sendable>: Sendable {
  private let items = Lock<[Item]>([])
  private let make: @Sendable () throws -> Item

  init(_ make: @escaping @Sendable () throws -> Item) { self.make = make }

  /// One that is free, or a new one.
  func take() throws -> Item {
    if let item = items.with({ $0.popLast() }) { return item }
    return try make()
  }

  func giveBack(_ item: Item) { items.with { $0.append(item) } }
}
