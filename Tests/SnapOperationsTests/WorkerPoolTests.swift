// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting
import Testing

@testable import SnapOperations

@Suite struct WorkerPoolTests {
  @Test(arguments: [1, 3])
  func tasksRunOnTheThreadsOfThePoolAlone(count: Int) async {
    let pool = WorkerPool(count: count)
    let threads = Shared<Set<UInt>>([])
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        group.addTask(executorPreference: pool) {
          threads.change { $0.insert(UInt(pthread_self())) }
          await Task.yield()
          threads.change { $0.insert(UInt(pthread_self())) }
        }
      }
    }
    #expect(threads.value.count <= count && !threads.value.isEmpty)
  }

  @Test(.timeLimit(.minutes(1)))
  func blockedThreadsDoNotHoldUpTheOthers() async {
    let pool = WorkerPool(count: 2)
    let order = Shared<[String]>([])
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: pool) {
        // Blocks its thread, as a read does, until the other one has run.
        while !order.value.contains("quick") { usleep(500) }
        order.change { $0.append("slow") }
      }
      group.addTask(executorPreference: pool) { order.change { $0.append("quick") } }
    }
    #expect(order.value == ["quick", "slow"])
  }

  @Test func aPoolHasAtLeastOneThread() async {
    let pool = WorkerPool(count: 0)
    #expect(pool.count == 1)
    let result = await Task(executorPreference: pool) { 7 }.value
    #expect(result == 7)
  }
}
