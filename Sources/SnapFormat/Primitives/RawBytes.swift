// SPDX-License-Identifier: Apache-2.0

// The standard library's closures do not yet carry typed errors.

extension Collection<UInt8> where Self: ContiguousBytesView {
  /// Lends the bytes to `body`.
  func withRaw<Result>(
    _ body: (UnsafeRawBufferPointer) throws(FormatError) -> Result
  ) throws(FormatError) -> Result {
    let outcome: Swift.Result<Result, FormatError> = unsafe lendBytes { raw in
      do throws(FormatError) { return .success(unsafe try body(raw)) } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }
}

extension [UInt8] {
  /// Lends the bytes to `body` for writing.
  mutating func withMutableRaw<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws(FormatError) -> Result
  ) throws(FormatError) -> Result {
    let outcome: Swift.Result<Result, FormatError> = unsafe withUnsafeMutableBytes { raw in
      do throws(FormatError) { return .success(unsafe try body(raw)) } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }
}

/// Byte strings that lie in one piece.
protocol ContiguousBytesView {
  func lendBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result
}

extension [UInt8]: ContiguousBytesView {
  func lendBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe withUnsafeBytes(body)
  }
}

extension ArraySlice<UInt8>: ContiguousBytesView {
  func lendBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe withUnsafeBytes(body)
  }
}
