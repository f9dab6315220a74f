// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnapFormat
import Testing

@testable import snap

@Suite struct RememberedKeysTests {
  private let scratch: Scratch
  private let places: Places
  private let keys: RememberedKeys
  private let one = [UInt8](repeating: 1, count: 16)
  private let two = [UInt8](repeating: 2, count: 16)

  init() throws {
    scratch = try Scratch()
    places = try Places(World().environment(home: scratch.path))
    keys = RememberedKeys(places)
  }

  private func file(_ id: [UInt8]) -> String { places.credentials + "/" + Hex.encode(id) }

  @Test func putAndGet() throws {
    #expect(try keys.ring(repositoryID: one) == nil)
    #expect(try keys.repositoryID(forAddress: "/a") == nil)
    try keys.put(repositoryID: one, label: "nas", ring: [9, 8, 7], address: "/a")
    try keys.put(repositoryID: two, label: "s3", ring: [6], address: "s3://b")
    #expect(try keys.ring(repositoryID: one) == [9, 8, 7])
    #expect(try keys.repositoryID(forAddress: "s3://b") == two)
    #expect(try keys.record(one)?.label == "nas")
    #expect(scratch.mode(".local/share/snap/credentials/" + Hex.encode(one)) == 0o600)
    #expect(scratch.mode(".local/share/snap/device.key") == 0o600)
    #expect(scratch.mode(".local/share/snap") == 0o700)
    try keys.remove(repositoryID: one)
    try keys.remove(repositoryID: one)
    #expect(try keys.all().map(\.repositoryID) == [two])
  }

  @Test func addressesMoveToTheNewest() throws {
    try keys.put(repositoryID: one, label: "a", ring: [1], address: "/a")
    try keys.put(repositoryID: one, label: "a", ring: [1], address: "/b")
    #expect(try keys.record(one)?.addresses == ["/b", "/a"])
    try keys.put(repositoryID: two, label: "b", ring: [2], address: "/a")
    #expect(try keys.repositoryID(forAddress: "/a") == two)
    #expect(try keys.record(one)?.addresses == ["/b"])
    #expect(try keys.ring(repositoryID: one) == [1])
  }

  @Test func theRingIsNotInTheFile() throws {
    let ring = Array("a ring that is secret, all of it".utf8)
    try keys.put(repositoryID: one, label: "visible label", ring: ring, address: "/a")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file(one)))
    #expect(bytes.range(of: Data(ring)) == nil)
    #expect(bytes.range(of: Data("visible label".utf8)) == nil)
    let key = try Data(contentsOf: URL(fileURLWithPath: places.deviceKey))
    #expect(key.count == 32 && bytes.range(of: key) == nil)
  }

  @Test func damageAndExchangeCountAsNotRemembered() throws {
    try keys.put(repositoryID: one, label: "a", ring: [1, 2, 3], address: "/a")
    let url = URL(fileURLWithPath: file(one))
    let good = try Data(contentsOf: url)
    for index in good.indices {
      var bad = good
      bad[index] ^= 1
      try PrivateFile.replace(file(one), with: Array(bad))
      #expect(try keys.ring(repositoryID: one) == nil, "byte \(index)")
    }
    for length in 0..<good.count {
      try PrivateFile.replace(file(one), with: Array(good.prefix(length)))
      #expect(try keys.ring(repositoryID: one) == nil)
    }
    // The file of one repository does not open as another's.
    try PrivateFile.replace(file(two), with: Array(good))
    #expect(try keys.ring(repositoryID: two) == nil)
    try PrivateFile.replace(file(one), with: Array(good))
    #expect(try keys.ring(repositoryID: one) == [1, 2, 3])
    try PrivateFile.replace(places.deviceKey, with: [UInt8](repeating: 7, count: 32))
    #expect(try keys.ring(repositoryID: one) == nil)
  }

  @Test func openFilesAreRefused() throws {
    try keys.put(repositoryID: one, label: "a", ring: [1], address: "/a")
    func chmod(_ path: String, _ mode: Int) throws {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
    try chmod(file(one), 0o640)
    let record = try failure { () throws(Failure) in _ = try keys.ring(repositoryID: one) }
    #expect(record.exit == 2)
    try chmod(file(one), 0o600)
    try chmod(places.deviceKey, 0o604)
    let device = try failure { () throws(Failure) in _ = try keys.ring(repositoryID: one) }
    #expect(device.exit == 2)
    #expect(device.tries.first?.command.hasPrefix("chmod go= ") == true)
  }

  @Test func theDeviceKeyIsMadeOnce() throws {
    #expect(try DeviceKey.load(places.deviceKey) == nil)
    let first = try DeviceKey.loadOrMake(places.deviceKey)
    #expect(first.bytes.count == 32)
    #expect(try DeviceKey.loadOrMake(places.deviceKey).bytes == first.bytes)
    let names = try FileManager.default.contentsOfDirectory(atPath: places.data)
    #expect(names == ["device.key"])
    try PrivateFile.replace(places.deviceKey, with: [1, 2, 3])
    let short = try failure { () throws(Failure) in
      _ = try DeviceKey.loadOrMake(places.deviceKey)
    }
    #expect(short.exit == 2)
  }

  @Test func recordsWithWrongLengthsAreRefused() {
    var writer = RecordWriter()
    writer.add([1, 2])
    writer.add([])
    #expect(RecordWriter.fields(writer.bytes) == [[1, 2], []])
    #expect(RecordWriter.fields([]) == [])
    for bad: [UInt8] in [
      [1], [1, 0, 0], [1, 0, 0, 0], [255, 255, 255, 255, 1], [2, 0, 0, 0, 1],
    ] {
      #expect(RecordWriter.fields(bad) == nil)
    }
  }

  @Test func statesOnlyGrow() throws {
    let seen = SeenStates(places)
    typealias State = SeenStates.State
    #expect(try seen.newest(repositoryID: one) == nil)
    let first = State(epoch: 1, sequence: 5)
    #expect(try seen.see(first, repositoryID: one) == first)
    #expect(try seen.see(State(epoch: 1, sequence: 4), repositoryID: one) == first)
    let next = State(epoch: 2, sequence: 0)
    #expect(try seen.see(next, repositoryID: one) == next)
    #expect(try seen.newest(repositoryID: one) == next)
    #expect(try seen.newest(repositoryID: two) == nil)
    for text in ["", "1 2", "1\n", "1 2 3\n", "x 2\n", "1 -2\n", " 1 2\n"] {
      let path = places.seen + "/" + Hex.encode(one)
      try PrivateFile.replace(path, with: Array(text.utf8))
      #expect(try seen.newest(repositoryID: one) == nil, "\(text)")
    }
    #expect(try seen.see(first, repositoryID: one) == first)
  }

  @Test func recoveryKeysAreNeverOverwritten() throws {
    let path = scratch.path + "/key.txt"
    try RecoveryKeyFile.save("ABCD\n", to: path)
    #expect(scratch.mode("key.txt") == 0o600)
    #expect(try RecoveryKeyFile.read(path) == "ABCD\n")
    let again = try failure { () throws(Failure) in try RecoveryKeyFile.save("X", to: path) }
    #expect(again.exit == 2)
    #expect(try RecoveryKeyFile.read(path) == "ABCD\n")
    let nowhere = try failure { () throws(Failure) in
      try RecoveryKeyFile.save("X", to: scratch.path + "/none/key.txt")
    }
    #expect(nowhere.exit == 1)
    #expect(
      try failure { () throws(Failure) in _ = try RecoveryKeyFile.read(path + "x") }.exit == 2)
    try PrivateFile.replace(path, with: [0xFF])
    #expect(try failure { () throws(Failure) in _ = try RecoveryKeyFile.read(path) }.exit == 2)
  }
}
