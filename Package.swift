// swift-tools-version: 6.2
import PackageDescription

// NonisolatedNonsendingByDefault stays off: it costs 7–9 µs an actor hop when called from main.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// A system library: Sources/NAME holds module.modulemap and shim.h, no logic.
func system(_ name: String, _ pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}
/// Our own C.
func c(_ name: String) -> Target {
  .target(name: name, cSettings: [.treatAllWarnings(as: .error), .unsafeFlags(["-O2"])])
}
func library(_ name: String, _ uses: [Target.Dependency], path: String? = nil) -> Target {
  .target(name: name, dependencies: uses, path: path, swiftSettings: strict)
}
func tests(_ name: String, _ uses: [Target.Dependency] = []) -> Target {
  .testTarget(name: name, dependencies: ["SnapTesting"] + uses, swiftSettings: strict)
}
func product(_ name: String, _ package: String) -> Target.Dependency {
  .product(name: name, package: package)
}

let log = product("Logging", "swift-log")
let deque = product("DequeModule", "swift-collections")

let package = Package(
  name: "snap",
  products: [
    .executable(name: "snap", targets: ["snap"]),
    .library(
      name: "SnapKit",
      targets: ["SnapFormat", "SnapStorage", "SnapFiles", "SnapRepository", "SnapOperations"]),
  ],
  dependencies: [
    // arguments, help, completions, man pages
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // the local catalogue, on the system's SQLite: a well-kept library beats our own wrapper
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    // the configuration file: TOML 1.0 with line numbers
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    // password commands, run without a shell
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // AEAD, SHA-256, HMAC, HKDF, scrypt, X25519, Ed25519, random: the system's OpenSSL 3.0
    system("CCrypto", "libcrypto", apt: "libssl-dev"),
    // compression
    system("CZstd", "libzstd", apt: "libzstd-dev"),
    // Argon2id, which OpenSSL has only from 3.2
    system("CArgon2", "libargon2", apt: "libargon2-dev"),
    c("CKernels"),
    c("CLinux"),

    library("SnapLock", []),
    library("SnapFormat", ["CCrypto", "CZstd", "CArgon2", "CKernels"]),
    library("SnapStorage", ["SnapLock", "CLinux"]),
    library("SnapFiles", ["SnapFormat", "CLinux"]),
    library("SnapCatalogue", ["SnapFormat", product("GRDB", "GRDB.swift")]),
    library("SnapRepository", ["SnapFormat", "SnapStorage", "SnapLock", "CLinux"]),
    library(
      "SnapOperations",
      ["SnapFormat", "SnapStorage", "SnapFiles", "SnapCatalogue", "SnapRepository", "SnapLock"]),
    .executableTarget(
      name: "snap",
      dependencies: [
        "SnapFormat", "SnapStorage", "SnapFiles", "SnapCatalogue", "SnapRepository",
        "SnapOperations", "SnapLock", "CLinux",
        product("ArgumentParser", "swift-argument-parser"), product("TOMLKit", "TOMLKit"),
        product("Subprocess", "swift-subprocess"),
      ],
      swiftSettings: strict),

    library("SnapTesting", ["SnapStorage", "SnapLock"], path: "Tests/SnapTesting"),
    tests("SnapFormatTests", ["SnapFormat"]),
    tests("SnapStorageTests", ["SnapStorage"]),
    tests("SnapFilesTests", ["SnapFiles", "SnapFormat"]),
    tests("SnapCatalogueTests", ["SnapCatalogue", "SnapFormat"]),
    tests("SnapRepositoryTests", ["SnapRepository", "SnapStorage", "SnapFormat", "SnapLock"]),
    tests(
      "SnapOperationsTests",
      [
        "SnapOperations", "SnapRepository", "SnapStorage", "SnapCatalogue", "SnapFormat",
        "SnapFiles",
      ]),
    tests("snapTests", ["snap", "SnapOperations"]),
    tests("ScenarioTests"),
    tests("TidyTests"),
  ],
  swiftLanguageModes: [.v6]
)
