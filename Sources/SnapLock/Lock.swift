// SPDX-License-Identifier: Apache-2.0

#if TSAN
  import Glibc

  /// Guards a value by a lock; the form that ThreadSanitizer understands.
  @safe public final class Lock<State>: @unchecked Sendable {
    // Sendable: the state is only touched by `with`, under the mutex.
    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    /// Guards `state`.
    public init(_ state: sending State) {
      self.state = state
      unsafe mutex = .allocate(capacity: 1)
      unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
      unsafe pthread_mutex_destroy(mutex)
      unsafe mutex.deallocate()
    }

    /// Runs `body` alone with the guarded value. Never suspends; keep it short.
    public func with<Result, Failure: Error>(
      _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      unsafe pthread_mutex_lock(mutex)
      defer { unsafe pthread_mutex_unlock(mutex) }
      return try body(&state)
    }
  }
#else
  import Synchronization

  /// Guards a value by a lock.
  ///
  /// All state that threads share goes through this type, so that one place decides how it is done.
  public final class Lock<State>: @unchecked Sendable {
    // Sendable: the value lives beside the mutex, not in it, so that `with` needs no `sending`.
    // Only `with` touches it, always under the mutex.
    private var state: State
    private let mutex = Mutex<Void>(())

    /// Guards `state`.
    public init(_ state: sending State) {
      self.state = state
    }

    /// Runs `body` alone with the guarded value. Never suspends; keep it short.
    public func with<Result, Failure: Error>(
      _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      try mutex.withLock { _ throws(Failure) in try body(&state) }
    }
  }
#endif
