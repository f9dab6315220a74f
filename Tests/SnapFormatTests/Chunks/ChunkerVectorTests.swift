// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SnapFormat

/// The vectors of FORMAT.md, for every form of the scan that runs here.
@Suite struct ChunkerVectorTests {
  private func chunker(
    _ algorithm: ChunkerSettings.Algorithm, _ average: Int, _ kernel: ScanKernel
  ) throws -> Chunker {
    try Chunker(
      ChunkerSettings(algorithm: algorithm, average: average), ChunkTestData.secrets(),
      kernel: kernel)
  }

  /// The id under `id-data` of the master key 00…1f.
  private func id(_ bytes: some Sequence<UInt8>) throws -> String {
    let key = "1efe040c711ac8757766b735be9a36e5764dfeb6834127fe1ef33e9041ea37eb"
    return try MAC(key: ChunkTestData.key(key)).id(of: Array(bytes)).description
  }

  @Test func secretsAreThoseOfTheVectors() throws {
    let secrets = try ChunkTestData.secrets()
    #expect(secrets.table[0] == 0xf081_0576_2207_16c0)
    #expect(secrets.table[1] == 0x4727_de52_acf5_6918)
    #expect(secrets.table[255] == 0x2e98_2193_a062_0e4d)
    #expect(Hex.encode(secrets.aes) == "d4a241257049715a9cdf5666e468c069")
  }

  @Test(arguments: ChunkTestData.kernels)
  func window(kernel: ScanKernel) throws {
    let bytes = (0..<64).map { UInt8($0) }
    let sum: UInt64 = 0x0a39_68ef_bfc3_cee9
    let encrypted = try chunker(.gearAES, 1 << 16, kernel)
    let plain = try chunker(.gear, 1 << 16, kernel)
    let found = unsafe bytes.withUnsafeBytes { unsafe encrypted.gear(last64: $0) }
    let longer = [7, 8, 9] + bytes
    let foundInLonger = unsafe longer.withUnsafeBytes { unsafe encrypted.gear(last64: $0) }
    #expect(found == sum)
    #expect(foundInLonger == sum)
    #expect(try ChunkTestData.secrets().gear(of: longer) == sum)
    #expect(encrypted.value(sum) == 0x0d1a_5ebd_75ee_fec2)
    #expect(plain.value(sum) == sum)
  }

  @Test(arguments: ChunkTestData.kernels)
  func smallChunks(kernel: ScanKernel) throws {
    let bytes = try ChunkTestData.stream(1 << 20)
    let encrypted = ChunkTestData.lengths(try chunker(.gearAES, 1 << 16, kernel), bytes)
    #expect(
      encrypted == [
        87185, 39488, 86279, 80973, 70747, 103363, 69652, 73457, 71385, 75173, 77505, 25222, 73473,
        71837, 42837,
      ])
    let plain = ChunkTestData.lengths(try chunker(.gear, 1 << 16, kernel), bytes)
    #expect(
      plain == [
        91421, 73731, 70498, 95777, 72291, 72905, 72340, 69885, 74941, 16630, 83617, 71573, 73487,
        67367, 42113,
      ])
    #expect(
      try id(bytes.prefix(87185))
        == "d1a562330f44ecb4074fcf8061c895a56d9cb1ce2821c2c50c3b9d58c8b1ffca")
    #expect(
      try id(bytes.prefix(91421))
        == "e49861c329b9cc45884fae9fc84f6346981aafeb54d79fc9918bd38cad9a5da7")
  }

  @Test func standardChunks() throws {
    let bytes = try ChunkTestData.stream(1 << 23)
    for kernel in ChunkTestData.kernels {
      let chunker = try Chunker(.standard, ChunkTestData.secrets(), kernel: kernel)
      #expect(
        ChunkTestData.lengths(chunker, bytes)
          == [1_058_797, 1_283_024, 1_141_050, 1_666_056, 1_264_007, 1_244_796, 730_878],
        "\(kernel)")
    }
    #expect(
      try id(bytes.prefix(1_058_797))
        == "477c1991e760a2c9c51c756d2df2e47cc9beb582531f93892f532c414ca5b971")
  }
}
