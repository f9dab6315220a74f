// SPDX-License-Identifier: Apache-2.0

internal import SnapLock
public import SnapStorage

/// Passes calls on, records them in order, and makes one of them fail.
public final class FaultyBackend: Backend {
  /// A failure to come.
  public struct Fault: Sendable {
    /// What happens at that call.
    public enum Effect: Hashable, Sendable {
      /// Throws; nothing reached the store.
      case before
      /// The call took effect; then throws all the same.
      case after
      /// A write leaves only this many bytes, then throws; other calls fail as by `before`.
      case torn(byteCount: Int)
      /// A write leaves only this many bytes and is acknowledged: a lying store.
      case silentlyTorn(byteCount: Int)
    }
    /// Which call, counted from 1 among those of `kinds`.
    public var at: Int
    /// What happens there.
    public var effect: Effect
    /// All later calls of any kind throw, like those of a process that was killed.
    public var stopsForever: Bool
    /// Only these calls are counted.
    public var kinds: Set<BackendOperation.Kind>
    /// What is thrown.
    public var code: BackendError.Code

    /// Describes a failure.
    public init(
      at: Int, _ effect: Effect, stopsForever: Bool = false,
      kinds: Set<BackendOperation.Kind> = Set(BackendOperation.Kind.allCases),
      code: BackendError.Code = .io
    ) {
      self.at = at
      self.effect = effect
      self.stopsForever = stopsForever
      self.kinds = kinds
      self.code = code
    }
  }

  private struct State: Sendable {
    var operations: [BackendOperation] = []
    var counted = 0
    var fault: Fault?
    var isStopped = false
    var hasFailed = false
  }
  private let inner: any Backend
  private let state: Lock<State>
  private let before: @Sendable (BackendOperation) async -> Void

  /// Decorates `inner`. `before` runs at each call before it, for instance to act as another
  /// client meanwhile.
  public init(
    _ inner: any Backend, _ fault: Fault? = nil,
    before: @escaping @Sendable (BackendOperation) async -> Void = { _ in }
  ) {
    self.inner = inner
    self.before = before
    state = Lock(State(fault: fault))
  }

  /// Those of the store inside.
  public var traits: BackendTraits { inner.traits }

  /// All calls so far, in the order in which they began.
  public var operations: [BackendOperation] { state.with { $0.operations } }

  /// Whether the failure has happened.
  public var hasFailed: Bool { state.with { $0.hasFailed } }

  /// How many calls of a kind began.
  public func count(of kind: BackendOperation.Kind) -> Int {
    operations.count { $0.kind == kind }
  }

  /// Bytes of all writes that began.
  public var writtenByteCount: Int { operations.reduce(0) { $0 + $1.byteCount } }

  /// Forgets the calls so far, and the failure; a new one may be set. Counting begins again.
  public func reset(_ fault: Fault? = nil) {
    state.with { $0 = State(fault: fault) }
  }

  /// See ``Backend``.
  public func list(_ prefix: String) async throws(BackendError) -> [ObjectInfo] {
    let effect = try await begin(.list, prefix)
    try refuse(effect)
    let result = try await inner.list(prefix)
    try end(effect)
    return result
  }

  /// See ``Backend``.
  public func read(
    _ name: ObjectName, _ range: Range<Int>?
  ) async throws(BackendError) -> [UInt8] {
    let effect = try await begin(.read, name.text)
    try refuse(effect)
    let result = try await inner.read(name, range)
    try end(effect)
    return result
  }

  /// See ``Backend``.
  public func write(
    _ body: ObjectBody, to name: ObjectName, _ mode: WriteMode
  ) async throws(BackendError) {
    let effect = try await begin(.write, name.text, byteCount: body.count)
    switch effect {
    case .torn(let byteCount):
      try await inner.write(ObjectBody(Array(body.copy().prefix(byteCount))), to: name, mode)
      throw failure()
    case .silentlyTorn(let byteCount):
      try await inner.write(ObjectBody(Array(body.copy().prefix(byteCount))), to: name, mode)
    case .before:
      throw failure()
    case .after, nil:
      try await inner.write(body, to: name, mode)
      try end(effect)
    }
  }

  /// See ``Backend``.
  public func remove(_ name: ObjectName) async throws(BackendError) {
    let effect = try await begin(.remove, name.text)
    try refuse(effect)
    try await inner.remove(name)
    try end(effect)
  }

  /// See ``Backend``.
  public func flush() async throws(BackendError) {
    let effect = try await begin(.flush, "")
    try refuse(effect)
    try await inner.flush()
    try end(effect)
  }

  private func begin(
    _ kind: BackendOperation.Kind, _ target: String, byteCount: Int = 0
  ) async throws(BackendError) -> Fault.Effect? {
    let operation = BackendOperation(kind: kind, target: target, byteCount: byteCount)
    let effect = try state.with { state throws(BackendError) -> Fault.Effect? in
      guard !state.isStopped else { throw failure(state.fault, "stopped before: \(operation)") }
      state.operations.append(operation)
      guard let fault = state.fault, fault.kinds.contains(kind) else { return nil }
      state.counted += 1
      guard state.counted == fault.at else { return nil }
      state.hasFailed = true
      state.isStopped = fault.stopsForever
      return fault.effect
    }
    await before(operation)
    return effect
  }

  private func refuse(_ effect: Fault.Effect?) throws(BackendError) {
    switch effect {
    case .before, .torn: throw failure()
    case .after, .silentlyTorn, nil: return
    }
  }

  private func end(_ effect: Fault.Effect?) throws(BackendError) {
    if effect == .after { throw failure() }
  }

  private func failure() -> BackendError {
    failure(state.with { $0.fault }, "failed as the test asked")
  }

  private func failure(_ fault: Fault?, _ detail: String) -> BackendError {
    BackendError(fault?.code ?? .io, detail)
  }
}
