// SPDX-License-Identifier: Apache-2.0

import SnapTesting
import Testing

@testable import SnapOperations

@Suite struct BoundedMapTests {
  private struct Failure: Error, Equatable { let number: Int }

  /// Numbers 0..<count; every third one is done at once.
  private func source(_ count: Int, _ begun: Shared<Int>) -> () -> Work<Int, Int>? {
    {
      let number = begun.value
      guard number < count else { return nil }
      begun.value = number + 1
      return number % 3 == 2 ? .done(number) : .task(number)
    }
  }

  @Test func resultsComeInOrder() async throws {
    var emitted: [Int] = []
    try await mapInOrder(
      on: OperationBench.pool, width: 8, next: source(500, Shared(0)),
      transform: { number in
        // Later ones often end earlier.
        for _ in 0..<(number * 7919 % 13) { await Task.yield() }
        return number
      },
      emit: { emitted.append($0) })
    #expect(emitted == Array(0..<500))
  }

  @Test(arguments: [1, 2, 5, 16])
  func atMostWidthInputsAreUnderWay(width: Int) async throws {
    let begun = Shared(0)
    let running = Shared((now: 0, most: 0))
    var emitted = 0
    var ahead = 0
    try await mapInOrder(
      on: OperationBench.pool, width: width, next: source(300, begun),
      transform: { number in
        running.change { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        await Task.yield()
        running.change { $0.now -= 1 }
        return number
      },
      emit: { _ in
        emitted += 1
        ahead = max(ahead, begun.value - emitted)
      })
    #expect(emitted == 300)
    #expect(ahead <= width)
    #expect(running.value.most <= width)
  }

  @Test func anEmptySourceEnds() async throws {
    try await mapInOrder(
      on: OperationBench.pool, width: 4, next: { nil as Work<Int, Int>? },
      transform: { $0 }, emit: { _ in Issue.record("nothing to emit") })
  }

  @Test func theFirstErrorIsThrownAndEndsTheRest() async throws {
    let begun = Shared(0)
    let cancelled = Shared(0)
    var emitted: [Int] = []
    await #expect(throws: Failure(number: 40)) {
      try await mapInOrder(
        on: OperationBench.pool, width: 6, next: source(10_000, begun),
        transform: { number in
          if number == 40 { throw Failure(number: 40) }
          if Task.isCancelled { cancelled.change { $0 += 1 } }
          return number
        },
        emit: { emitted.append($0) })
    }
    #expect(emitted == Array(0..<emitted.count) && emitted.count <= 40)
    #expect(begun.value <= 46)
  }

  @Test func errorsOfTheSourceAndOfTheSinkAreThrown() async throws {
    await #expect(throws: Failure(number: 1)) {
      try await mapInOrder(
        on: OperationBench.pool, width: 4,
        next: { () throws -> Work<Int, Int>? in throw Failure(number: 1) },
        transform: { $0 }, emit: { _ in })
    }
    await #expect(throws: Failure(number: 2)) {
      try await mapInOrder(
        on: OperationBench.pool, width: 4, next: source(100, Shared(0)), transform: { $0 },
        emit: { if $0 == 9 { throw Failure(number: 2) } })
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func cancellingTheCallerReachesTheTasks() async throws {
    let started = Shared(0)
    let task = Task {
      try await mapInOrder(
        on: OperationBench.pool, width: 3, next: { .task(0) as Work<Int, Int> },
        transform: { _ in
          started.change { $0 += 1 }
          while !Task.isCancelled { await Task.yield() }
          throw CancellationError()
        },
        emit: { _ in })
    }
    while started.value == 0 { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func lentThingsAreUsedAgain() throws {
    let made = Shared(0)
    let lending = Lending<Int> {
      made.change { $0 += 1 }
      return made.value
    }
    let (one, two) = (try lending.take(), try lending.take())
    #expect(Set([one, two]) == [1, 2])
    lending.giveBack(one)
    #expect(try lending.take() == one)
    #expect(made.value == 2)
  }
}
