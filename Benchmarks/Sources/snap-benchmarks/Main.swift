// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Measures snap beside its peers: whole processes, alternately, every restore compared.
@main struct Main {
  static func main() {
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      print(try measure(options).text, terminator: "")
    } catch {
      say("snap-benchmarks: \(error)")
      exit(1)
    }
  }

  private static func measure(_ options: Options) throws -> Report {
    let bench = Workbench(work: options.work)
    var results = Results()
    for run in 0..<options.runs {
      for set in options.sets {
        try bench.warm(set)
        // Another one begins each time.
        for index in options.tools.indices {
          let tool = options.tools[(index + run) % options.tools.count]
          say("run \(run + 1) of \(options.runs): \(set), \(tool.name)")
          try bench.measure(tool, set, into: &results)
        }
      }
    }
    return Report(
      tools: options.tools, sets: options.sets, runs: options.runs, results: results,
      machine: try describe(bench, options.tools))
  }

  private static func describe(
    _ bench: Workbench, _ tools: [Tool]
  ) throws -> [(name: String, value: String)] {
    let model = readText("/proc/cpuinfo").split(separator: "\n").first {
      $0.hasPrefix("model name")
    }
    let memory = readText("/proc/meminfo").split(separator: "\n").first ?? ""
    var facts = try tools.map { tool in
      (tool.name, String(try bench.shell(tool.version).split(separator: "\n").first ?? ""))
    }
    facts += [
      ("date", try bench.shell(["date", "--rfc-3339=seconds"])),
      ("processor", model?.split(separator: ":").last.map { String($0.drop { $0 == " " }) } ?? "?"),
      ("cores", "\(sysconf(Int32(_SC_NPROCESSORS_ONLN)))"),
      ("memory", String(memory.split(separator: ":").last?.drop { $0 == " " } ?? "?")),
      ("system", try bench.shell(["uname", "-sr"])),
      ("file system", try bench.shell(["stat", "-f", "-c", "%T", bench.work])),
      ("page cache", "warm: each work set is read once before it is measured"),
      ("compression", "the default of each (borg: lz4); borg-zstd: zstd,3"),
    ]
    return facts
  }

  private static func say(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
  }
}
