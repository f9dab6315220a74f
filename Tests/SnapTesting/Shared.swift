// SPDX-License-Identifier: Apache-2.0

internal import SnapLock

/// A value that a test and the closures it hands out share.
public final class Shared<Value: Sendable>: Sendable {
  private let guarded: Lock<Value>

  /// Shares `value`.
  public init(_ value: Value) {
    guarded = Lock(value)
  }

  /// The value now.
  public var value: Value {
    get { guarded.with { $0 } }
    set { guarded.with { $0 = newValue } }
  }

  /// Changes the value, alone.
  public func change(_ body: (inout Value) -> Void) {
    guarded.with { body(&$0) }
  }

  /// The value until now; from now on it is `next`.
  public func exchange(_ next: Value) -> Value {
    guarded.with { value in
      let old = value
      value = next
      return old
    }
  }
}
