// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapLock
import Synchronization

/// A fixed number of plain threads that run the child tasks of `mapInOrder`.
///
/// Libraries simply block (read, stat, SQLite, local storage); on the default executor they would
/// starve everybody else (measured: eight blocking tasks took four times as long there).
@safe public final class WorkerPool: TaskExecutor, @unchecked Sendable {
  // Sendable: the queue is only touched under the mutex.
  /// Threads.
  public let count: Int
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var queue: [UnownedJob] = []
  private var head = 0

  /// Starts `count` threads; they live as long as the process.
  public init(count: Int) {
    self.count = max(1, count)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(arrived, nil)
    for _ in 0..<self.count {
      var thread = pthread_t()
      let pool = unsafe Unmanaged.passRetained(self).toOpaque()
      unsafe pthread_create(&thread, nil, runWorker, pool)
      pthread_detach(thread)
    }
  }

  /// Takes a job; called by the concurrency runtime.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    unsafe pthread_mutex_lock(mutex)
    queue.append(job)
    unsafe pthread_cond_signal(arrived)
    unsafe pthread_mutex_unlock(mutex)
  }

  fileprivate func run() -> Never {
    while true {
      unsafe pthread_mutex_lock(mutex)
      while head == queue.count { unsafe pthread_cond_wait(arrived, mutex) }
      let job = queue[head]
      head += 1
      if head == queue.count {
        queue.removeAll(keepingCapacity: true)
        head = 0
      }
      unsafe pthread_mutex_unlock(mutex)
      unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}

// At file scope: a closure would carry the isolation of where it is written.
private func runWorker(_ pool: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let pool = unsafe pool else { return nil }
  unsafe Unmanaged<WorkerPool>.fromOpaque(pool).takeUnretainedValue().run()
}
