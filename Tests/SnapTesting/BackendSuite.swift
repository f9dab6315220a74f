// SPDX-License-Identifier: Apache-2.0

public import SnapStorage

/// A promise of ``Backend`` that an implementation did not keep.
public struct BrokenObligation: Error, CustomStringConvertible {
  /// What was expected.
  public let description: String
}

/// One obligation of ``Backend``, to be tested on an empty store.
public struct BackendCase: Sendable, CustomStringConvertible {
  /// The fact, as the name of a test.
  public let name: String
  /// Throws ``BrokenObligation`` or what the store threw.
  public let check: @Sendable (any Backend) async throws -> Void

  /// The name.
  public var description: String { name }
}

/// An implementation of ``Backend`` under test: how to make an empty one.
///
/// A test is `@Test(arguments: suites, BackendSuite.cases)` and calls ``run(_:)``; so every
/// obligation meets every implementation.
public struct BackendSuite: Sendable, CustomStringConvertible {
  /// An empty store and what must live as long, like a temporary directory.
  public struct Fixture {
    let backend: any Backend
    let owner: AnyObject?

    /// Joins the two.
    public init(_ backend: any Backend, keeping owner: AnyObject? = nil) {
      self.backend = backend
      self.owner = owner
    }
  }

  /// The implementation's name.
  public let name: String
  private let make: @Sendable () async throws -> Fixture

  /// Names an implementation; `make` gives a new empty store each time.
  public init(_ name: String, _ make: @escaping @Sendable () async throws -> Fixture) {
    self.name = name
    self.make = make
  }

  /// The name.
  public var description: String { name }

  /// Checks one obligation on a new store.
  public func run(_ obligation: BackendCase) async throws {
    let fixture = try await make()
    try await obligation.check(fixture.backend)
    extendLifetime(fixture)
  }
}

/// Throws ``BrokenObligation`` unless `condition`.
func require(_ condition: Bool, _ expectation: @autoclosure () -> String) throws {
  guard condition else { throw BrokenObligation(description: expectation()) }
}

/// Requires that `body` throws just this code.
func requireFailure(
  _ code: BackendError.Code, _ what: String, _ body: () async throws -> Void
) async throws {
  do {
    try await body()
  } catch let error as BackendError {
    try require(error.code == code, "\(what): expected \(code), got \(error.code): \(error)")
    return
  }
  throw BrokenObligation(description: "\(what): expected \(code), got success")
}
