// SPDX-License-Identifier: Apache-2.0

internal import SnapLock
public import SnapStorage

/// A store in memory, with a clock that tests set and a power cut that they can cause.
public final class MemoryBackend: Backend {
  private struct Object: Sendable {
    var bytes: [UInt8]
    var modified: Int64
  }
  private struct State: Sendable {
    var objects: [ObjectName: Object] = [:]
    var deferred: Set<ObjectName> = []
    var time: Int64
  }
  private let state: Lock<State>
  private let step: Int64

  /// An empty store whose clock stands at `time` (ns since 1970) and moves `step` ns a write.
  public init(time: Int64 = 1_700_000_000_000_000_000, step: Int64 = 1) {
    state = Lock(State(time: time))
    self.step = step
  }

  /// As of a remote store that honours create-only writes.
  public var traits: BackendTraits {
    BackendTraits(connections: 4, createOnly: true, isLocal: false)
  }

  /// The store's clock, ns since 1970: the `modified` of the next write.
  public var time: Int64 {
    get { state.with { $0.time } }
    set { state.with { $0.time = newValue } }
  }

  /// All names, sorted, `tmp/` included.
  public var names: [ObjectName] { state.with { $0.objects.keys.sorted() } }

  /// Sum of the lengths of all objects, in bytes.
  public var byteCount: Int {
    state.with { $0.objects.values.reduce(0) { $0 + $1.bytes.count } }
  }

  /// The bytes of an object; setting them tampers with the store, past all its rules.
  public subscript(name: ObjectName) -> [UInt8]? {
    get { state.with { $0.objects[name]?.bytes } }
    set {
      state.with { state in
        guard let newValue else {
          state.objects[name] = nil
          return
        }
        let modified = state.objects[name]?.modified ?? state.time
        state.objects[name] = Object(bytes: newValue, modified: modified)
      }
    }
  }

  /// Sets the time at which an object seems to have been written, ns since 1970.
  public func setModified(_ time: Int64, of name: ObjectName) {
    state.with { $0.objects[name]?.modified = time }
  }

  /// Drops all that was not durable yet, as a power cut may.
  public func cutPower() {
    state.with { state in
      for name in state.deferred { state.objects[name] = nil }
      state.deferred = []
    }
  }

  /// A second store with the same objects and time; deferred ones count as durable there.
  public func copy() -> MemoryBackend {
    let copy = MemoryBackend(time: time, step: step)
    let objects = state.with { $0.objects }
    copy.state.with { $0.objects = objects }
    return copy
  }

  /// See ``Backend``.
  public func list(_ prefix: String) async throws(BackendError) -> [ObjectInfo] {
    let scope = try ListingScope(prefix)
    return state.with { state in
      state.objects.filter { scope.covers($0.key) }.map { name, object in
        ObjectInfo(name: name, size: object.bytes.count, modified: object.modified)
      }
    }
  }

  /// See ``Backend``.
  public func read(
    _ name: ObjectName, _ range: Range<Int>?
  ) async throws(BackendError) -> [UInt8] {
    guard let bytes = self[name] else {
      throw BackendError(.notFound, "\(name) does not exist in memory")
    }
    guard let range else { return bytes }
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
      throw BackendError(.rangeBeyondEnd, "cannot read \(range) of \(name): it has \(bytes.count)")
    }
    return Array(bytes[range])
  }

  /// See ``Backend``.
  public func write(
    _ body: ObjectBody, to name: ObjectName, _ mode: WriteMode
  ) async throws(BackendError) {
    guard body.count <= BackendTraits.objectSizeMax else {
      throw BackendError(.tooLarge, "\(name) is too large")
    }
    let bytes = body.copy()
    try state.with { state throws(BackendError) in
      if mode.createOnly, state.objects[name] != nil {
        throw BackendError(.exists, "cannot write \(name): it exists")
      }
      state.objects[name] = Object(bytes: bytes, modified: state.time)
      state.time += step
      switch mode.durability {
      case .deferred: state.deferred.insert(name)
      case .durable: state.deferred = []
      }
    }
  }

  /// See ``Backend``.
  public func remove(_ name: ObjectName) async throws(BackendError) {
    state.with { state in
      state.objects[name] = nil
      state.deferred.remove(name)
    }
  }

  /// See ``Backend``.
  public func flush() async throws(BackendError) {
    state.with { $0.deferred = [] }
  }
}
