// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a repository lies, as typed or configured; never holds a secret.
struct RepositoryAddress: Hashable, Sendable {
  /// The kind of storage.
  enum Kind: Hashable, Sendable {
    /// A directory: its absolute path.
    case local(path: String)
    /// `s3://…` or `s3+http://…`
    case s3
    /// `webdav://…` or `webdav+http://…`
    case webdav
  }

  /// The one form of the address that is stored and compared: an absolute path, or the URL.
  let text: String
  /// The kind of storage.
  let kind: Kind

  /// The path of a local repository.
  var localPath: String? {
    if case .local(let path) = kind { return path }
    return nil
  }

  /// An address of a local directory.
  init(path: String) {
    text = path
    kind = .local(path: path)
  }

  private init(url: String, kind: Kind) {
    text = url
    self.kind = kind
  }

  /// Reads an address; nil if the text has not the form of one (it may be a remote's name).
  /// Throws a usage failure for a text that has, but is not permitted.
  init?(_ typed: String, environment: Environment) throws(Failure) {
    guard let end = typed.range(of: "://") else {
      guard typed.contains("/") || typed == "." || typed == ".." || typed == "~" else {
        return nil
      }
      self.init(
        path: PathText.absolute(
          typed, from: environment.currentDirectory, home: environment.home))
      return
    }
    let scheme = typed[..<end.lowerBound].lowercased()
    let rest = typed[end.upperBound...]
    let place = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if let at = place.lastIndex(of: "@") {
      throw RepositoryAddress.userInfo(scheme + "://" + rest[rest.index(after: at)...])
    }
    switch scheme {
    case "file":
      guard place.isEmpty || place == "localhost", rest.dropFirst(place.count).hasPrefix("/"),
        let path = String(rest.dropFirst(place.count)).removingPercentEncoding
      else { throw RepositoryAddress.wrong(typed, "a file address is file:///PATH") }
      self.init(path: PathText.standard(path))
    case "s3", "s3+http":
      guard !place.isEmpty else { throw RepositoryAddress.wrong(typed, "the bucket is missing") }
      self.init(url: scheme + "://" + rest, kind: .s3)
    case "webdav", "webdav+http":
      guard !place.isEmpty else { throw RepositoryAddress.wrong(typed, "the host is missing") }
      self.init(url: scheme + "://" + rest, kind: .webdav)
    default:
      throw RepositoryAddress.wrong(typed, "snap knows /PATH, file://, s3:// and webdav://")
    }
  }

  private static func wrong(_ typed: String, _ why: String) -> Failure {
    .usage(
      "that is no address of a repository", facts: [("address", typed), ("meaning", why)],
      tries: [("snap init /mnt/disk/backup", "for a folder on a disk"), ("snap init -h", nil)])
  }

  private static func userInfo(_ clean: String) -> Failure {
    .usage(
      "an address must not hold a user name or password",
      facts: [("meaning", "it would stay in the shell's history and in the list of processes")],
      safe: "nothing was contacted",
      tries: [("snap init " + ShellWords.quote(clean), "asks for them instead")])
  }
}
