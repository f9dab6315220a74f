// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what measuring needs never reaches the users of snap. It measures whole
// processes, so it needs no code of snap's either.
let package = Package(
  name: "snap-benchmarks",
  targets: [
    .executableTarget(
      name: "snap-benchmarks",
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
      ])
  ],
  swiftLanguageModes: [.v6]
)
