// SPDX-License-Identifier: Apache-2.0

/// What `Benchmarks/run` hands over.
struct Options {
  var work = ""
  var runs = 3
  var sets = ["PHOTOS", "SOURCE"]
  var tools: [Tool] = []

  /// - Throws: ``Failure`` if an option is unknown or its value makes no sense.
  init(_ arguments: [String]) throws {
    var values: [String: String] = [:]
    var rest = arguments[...]
    while let name = rest.popFirst() {
      guard Self.names.contains(name), let value = rest.popFirst() else {
        throw Failure(description: "unknown option, or one without a value: \(name)")
      }
      values[name] = value
    }
    guard let work = values["--work"], work.hasPrefix("/") else {
      throw Failure(description: "--work needs a whole path; start Benchmarks/run instead")
    }
    self.work = work
    if let text = values["--runs"] {
      guard let count = Int(text), count > 0 else { throw Failure(description: "--runs \(text)") }
      runs = count
    }
    if let text = values["--sets"] { sets = text.split(separator: ",").map(String.init) }
    let all = Self.allTools(values)
    let names = values["--tools"]?.split(separator: ",").map(String.init) ?? all.map(\.name)
    tools = try names.map { name in
      guard let tool = all.first(where: { $0.name == name }) else {
        let known = all.map(\.name).joined(separator: ", ")
        throw Failure(description: "no tool “\(name)”; there are: \(known)")
      }
      return tool
    }
  }

  private static let names: Set<String> = [
    "--work", "--runs", "--sets", "--tools", "--snap", "--restic", "--borg",
  ]

  private static func allTools(_ values: [String: String]) -> [Tool] {
    let borg = values["--borg"] ?? "borg"
    return [
      .snap(values["--snap"] ?? "snap"), .restic(values["--restic"] ?? "restic"),
      .borg(borg, compression: "zstd,3"), .borg(borg, compression: nil),
    ]
  }
}
