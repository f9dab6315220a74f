// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SnapFormat

@Suite struct ChunkerTests {
  @Test func averageHasLimits() throws {
    for average in [1 << 16, 100_003, 1 << 24] {
      let settings = try ChunkerSettings(algorithm: .gear, average: average)
      #expect(settings.minimum == average / 4)
      #expect(settings.maximum == average * 4)
    }
    for average in [.min, -1, 0, 1 << 16 - 1, 1 << 24 + 1, .max] {
      #expect(throws: FormatError(.tooLarge, "average chunk")) {
        try ChunkerSettings(algorithm: .gear, average: average)
      }
    }
  }

  @Test func thresholdsAreRoundedDown() throws {
    let even = try ChunkerSettings(algorithm: .gear, average: 1 << 20)
    #expect(even.strict == 1 << 42)
    #expect(even.loose == 1 << 46)
    let odd = try ChunkerSettings(algorithm: .gear, average: 65_537)
    #expect(odd.strict == 70_367_670_452_223)
    #expect(odd.loose == 1_125_882_727_235_580)
  }

  @Test func secretsHaveTheirLength() throws {
    for (gear, aes) in [(2047, 16), (2049, 16), (2048, 15), (0, 0)] {
      #expect(throws: FormatError(.malformed, "chunker secrets")) {
        try ChunkerSecrets(
          gear: [UInt8](repeating: 1, count: gear), aes: [UInt8](repeating: 1, count: aes))
      }
    }
  }

  @Test func aKernelThatTheComputerLacksIsAnError() throws {
    for kernel in ScanKernel.allCases {
      if kernel.isSupported {
        #expect(try Chunker(.standard, ChunkTestData.secrets(), kernel: kernel).kernel == kernel)
      } else {
        #expect(throws: FormatError(.unsupported, "chunk scan \(kernel.rawValue)")) {
          try Chunker(.standard, ChunkTestData.secrets(), kernel: kernel)
        }
      }
    }
    #expect(ScanKernel.portable.isSupported)
    #expect(try Chunker(.standard, ChunkTestData.secrets()).kernel == ScanKernel.best)
  }

  /// The rule of FORMAT.md, position by position.
  private func expectedCut(_ chunker: Chunker, _ bytes: [UInt8]) -> Int {
    let settings = chunker.settings
    let end = min(bytes.count, settings.maximum)
    return unsafe bytes.withUnsafeBytes { raw in
      for n in stride(from: settings.minimum + 1, to: end, by: 1) {
        let window = unsafe UnsafeRawBufferPointer(rebasing: raw[(n - 64)..<n])
        let value = unsafe chunker.value(chunker.gear(last64: window))
        if value < (n <= settings.average ? settings.strict : settings.loose) { return n }
      }
      return end
    }
  }

  @Test(arguments: ChunkerSettings.Algorithm.allCases)
  func cutsFollowTheRule(algorithm: ChunkerSettings.Algorithm) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = ChunkTestRandom(seed: seed)
    let settings = try ChunkerSettings(algorithm: algorithm, average: 1 << 16)
    for kernel in ChunkTestData.kernels {
      let secrets = try ChunkerSecrets(gear: random.bytes(2048), aes: random.bytes(16))
      let chunker = try Chunker(settings, secrets, kernel: kernel)
      let bytes = random.bytes(150_000)
      let found = unsafe bytes.withUnsafeBytes { unsafe chunker.cut($0) }
      #expect(found == expectedCut(chunker, bytes), "\(kernel), seed \(seed)")
    }
  }

  @Test(arguments: ChunkerSettings.Algorithm.allCases)
  func allKernelsCutAlike(algorithm: ChunkerSettings.Algorithm) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = ChunkTestRandom(seed: seed)
    let average = Int.random(in: 1 << 16...1 << 17, using: &random)
    let settings = try ChunkerSettings(algorithm: algorithm, average: average)
    let secrets = try ChunkerSecrets(gear: random.bytes(2048), aes: random.bytes(16))
    let chunkers = try ChunkTestData.kernels.map { try Chunker(settings, secrets, kernel: $0) }
    let long = random.bytes(4 << 20)
    var inputs = [long, [UInt8](repeating: 0, count: settings.maximum + 5)]
    let pattern = random.bytes(Int.random(in: 1...200, using: &random))
    inputs.append((0..<settings.maximum).map { pattern[$0 % pattern.count] })
    var sizes = [0, 1, 63, 64, 65]
    for border in [settings.minimum, settings.average, settings.maximum] {
      sizes += [border - 1, border, border + 1]
    }
    sizes.append(settings.minimum + Int.random(in: 1...300, using: &random))
    for size in sizes {
      let start = Int.random(in: 0...long.count - size, using: &random)
      inputs.append(Array(long[start..<start + size]))
    }
    for bytes in inputs {
      let expected = ChunkTestData.lengths(chunkers[0], bytes)
      #expect(expected.reduce(0, +) == bytes.count)
      #expect(expected.allSatisfy { $0 <= settings.maximum })
      #expect(expected.dropLast().allSatisfy { $0 > settings.minimum })
      for chunker in chunkers.dropFirst() {
        let found = ChunkTestData.lengths(chunker, bytes)
        #expect(found == expected, "\(chunker.kernel), \(bytes.count) bytes, seed \(seed)")
      }
    }
  }

  @Test func bytesPastTheMaximumDoNotMatter() throws {
    let settings = try ChunkerSettings(algorithm: .gearAES, average: 1 << 16)
    let chunker = try Chunker(settings, ChunkTestData.secrets())
    let zeros = [UInt8](repeating: 0, count: settings.maximum)
    let lengths = ChunkTestData.lengths(chunker, zeros + [1, 2, 3])
    #expect(lengths.first == ChunkTestData.lengths(chunker, zeros).first)
  }

  @Test func zerosAreFound() {
    for count in [0, 1, 7, 8, 127, 128, 129, 1000] {
      var bytes = [UInt8](repeating: 0, count: count)
      let empty = unsafe bytes.withUnsafeBytes { unsafe Chunker.isZero($0) }
      #expect(empty)
      for i in 0..<count {
        bytes[i] = 1 << UInt8(i % 8)
        let other = unsafe bytes.withUnsafeBytes { unsafe Chunker.isZero($0) }
        #expect(!other, "byte \(i) of \(count)")
        bytes[i] = 0
      }
    }
  }
}
