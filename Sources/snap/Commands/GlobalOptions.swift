// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The options that every command takes, before or after its name.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: [.customShort("r"), .long],
    help: ArgumentHelp(
      "Repository: its name in the configuration, or an address.", valueName: "name-or-address"))
  var repo: String?

  @Option(help: ArgumentHelp("Configuration file.", valueName: "file", visibility: .hidden))
  var config: String?

  @Option(help: ArgumentHelp("File whose only line is the password.", valueName: "file"))
  var passwordFile: String?

  @Option(
    help: ArgumentHelp(
      "Command that prints the password.", valueName: "command", visibility: .hidden))
  var passwordCommand: String?

  @Option(
    name: .customLong("password-fd"),
    help: ArgumentHelp(
      "File descriptor to read the password from.", valueName: "number", visibility: .hidden))
  var passwordDescriptor: Int32?

  @Option(help: ArgumentHelp("Open with the recovery key in this file.", valueName: "file"))
  var recoveryKeyFile: String?

  @Flag(help: "Print JSON lines.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print results and errors only.")
  var quiet = false

  @Option(
    help: ArgumentHelp(
      "Progress: auto, bar, plain, json, none.", valueName: "style", visibility: .hidden))
  var progress: String?

  @Flag(help: ArgumentHelp("Never ask; a missing answer is exit 25.", visibility: .hidden))
  var noInput = false

  @Flag(name: .shortAndLong, help: "Agree to the one question of the command.")
  var yes = false

  @Option(
    help: ArgumentHelp(
      "Memory for buffers and tables, for instance 256MiB.", valueName: "size",
      visibility: .hidden))
  var memory: String?

  @Option(help: ArgumentHelp("Folder for the cache.", valueName: "dir", visibility: .hidden))
  var cacheDir: String?
}
