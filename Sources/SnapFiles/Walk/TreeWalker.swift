// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SnapFormat

/// Goes through all roots and gives what is to be kept, in the path order of the format.
///
/// A directory is held open while the entries below it are given, and as long as one of them is
/// held; that is why paths may be of any length. See ``DescriptorLimit``.
public struct TreeWalker: ~Copyable, Sendable {
  /// The roots, without those that lie inside another.
  public var roots: [Root] { rootSet.outer }
  /// What was left out so far.
  public internal(set) var counts = WalkCounts()

  let options: WalkOptions
  let rootSet: RootSet
  var levels: [WalkLevel] = []
  /// The entry looked at last, or the directory of the deepest level.
  var path: [UInt8] = []
  /// The directory that was given last and is to be entered next.
  var descent: Descent?
  var problems: [FileError] = []
  var spareNames: [NameList] = []
  var buffer = [UInt8](repeating: 0, count: 64 * 1024)

  /// Levels that stay open; those above them are opened anew when the walk comes back.
  static let openLevelsMax = 128

  /// A directory that is to be entered; `path` is its path.
  struct Descent: Sendable {
    let container: DirectoryHandle
    let nameStart: Int
    let filter: WalkFilter
    /// Only the way to roots below.
    let isWay: Bool
    let isRoot: Bool
    /// The file system that the walk keeps to.
    let device: UInt64
  }

  /// Resolves the roots: files or directories, absolute or relative to the current directory. A
  /// symbolic link is followed.
  ///
  /// Throws for a root that does not exist or cannot be looked at.
  public init(roots: [String], options: WalkOptions) throws(FileError) {
    var resolved: [Root] = []
    for root in roots { resolved.append(try Root(root)) }
    let rootSet = RootSet(resolved)
    let top = resolved.isEmpty ? nil : try Self.openTop(isBare: !rootSet.contains([]))
    self.rootSet = rootSet
    self.options = options
    guard let (handle, status) = top else { return }
    let isRoot = rootSet.contains([])
    enter(
      handle, status,
      Descent(
        container: handle, nameStart: 0,
        filter: isRoot ? WalkFilter(options.excludes, root: []) : WalkFilter(),
        isWay: !isRoot, isRoot: isRoot, device: status.device))
  }

  private static func openTop(
    isBare: Bool
  ) throws(FileError) -> (handle: DirectoryHandle, status: FileStatus) {
    let path = [UInt8(ascii: "/")]
    switch DirectoryHandle.root(isBare: isBare) {
    case .failed(let error): throw FileError(path: path, errno: error, doing: "open")
    case .opened(let handle):
      var raw = snap_file_status()
      let result = handle.look(&raw)
      if result < 0 { throw FileError(path: path, errno: -result, doing: "look at") }
      return (handle, FileStatus(raw))
    }
  }

  /// The next entry or problem; nil at the end.
  public mutating func next() -> WalkEvent? {
    while true {
      if !problems.isEmpty { return .problem(problems.removeFirst()) }
      if let descent {
        self.descent = nil
        open(descent)
        continue
      }
      guard let top = levels.indices.last else { return nil }
      if levels[top].position == levels[top].names.count {
        leave()
      } else if let event = step(top) {
        return event
      }
    }
  }

  private mutating func step(_ top: Int) -> WalkEvent? {
    let index = levels[top].position
    levels[top].position = index + 1
    guard let container = levels[top].handle else { return nil }
    path.removeSubrange(levels[top].pathByteCount...)
    if !path.isEmpty { path.append(UInt8(ascii: "/")) }
    let nameStart = path.count
    path.append(contentsOf: levels[top].names.name(at: index))
    if path.count - nameStart > TreePath.componentByteCountMax
      || path.count > TreePath.byteCountMax
    {
      return .problem(FileError(path: path, errno: ENAMETOOLONG, doing: "keep"))
    }

    // With the type at hand, what is left out need not be looked at.
    let type = levels[top].names.type(at: index)
    var isLeftOut = false
    if type != 0 {
      isLeftOut = leavesOut(top, nameStart, isDirectory: type == 4)  // DT_DIR
      if isLeftOut, !rootSet.hasInner(at: path) { return nil }
    }
    var raw = snap_file_status()
    let result = unsafe path.withUnsafeBytes { bytes in
      unsafe container.look(bytes[nameStart...], &raw)
    }
    if result < 0 {
      // What is gone meanwhile was never there, unless it was asked for.
      let isQuiet = -result == ENOENT && !levels[top].isWay
      return isQuiet ? nil : .problem(FileError(path: path, errno: -result, doing: "look at"))
    }
    let status = FileStatus(raw)
    if type == 0 {
      isLeftOut = leavesOut(top, nameStart, isDirectory: status.kind == .directory)
      if isLeftOut, !rootSet.hasInner(at: path) { return nil }
    }
    let entry = FoundEntry(
      path: Array(path), nameStart: nameStart, status: status, directory: container,
      isAncestor: false)
    return status.kind == .directory
      ? directory(top, entry, nameStart, isLeftOut: isLeftOut)
      : other(top, entry, isLeftOut: isLeftOut)
  }

  /// Asks the patterns and counts.
  private mutating func leavesOut(_ top: Int, _ nameStart: Int, isDirectory: Bool) -> Bool {
    if levels[top].isWay || levels[top].filter.isEmpty { return false }
    guard levels[top].filter.leavesOut(path, nameStart: nameStart, isDirectory: isDirectory)
    else { return false }
    if rootSet.hasInner, rootSet.contains(path) { return true }
    counts.excluded += 1
    return true
  }

  private mutating func other(_ top: Int, _ entry: FoundEntry, isLeftOut: Bool) -> WalkEvent? {
    let isWay = levels[top].isWay
    if isWay || isLeftOut, !rootSet.contains(path) {
      // A way is made of directories; this one was replaced.
      return isWay ? .problem(FileError(path: path, errno: ENOTDIR, doing: "open")) : nil
    }
    switch entry.status.kind {
    case .socket:
      counts.sockets += 1
      return nil
    case .unknown:
      return .problem(FileError(path: path, errno: ENOTSUP, doing: "keep"))
    default:
      return .entry(entry)
    }
  }

  /// Decides how a directory is entered, if at all.
  private mutating func directory(
    _ top: Int, _ entry: FoundEntry, _ nameStart: Int, isLeftOut: Bool
  ) -> WalkEvent? {
    let identity = entry.status.identity
    if options.repositoryPaths.contains(identity) {
      counts.repository += 1
      return nil
    }
    let fromWay = levels[top].isWay
    let isRoot = (fromWay || rootSet.hasInner) && rootSet.contains(path)
    var isWay = (fromWay || isLeftOut) && !isRoot
    var staysOut = false
    var filter = levels[top].filter
    var device = levels[top].device
    if isRoot {
      device = entry.status.device
      if fromWay || isLeftOut { filter = WalkFilter(options.excludes, root: path) }
    } else if !isWay {
      if options.defaultExcludes, options.ownPaths.contains(identity) {
        counts.ownDirectories += 1
        isWay = true
        if !rootSet.hasInner(at: path) { return nil }
      } else if options.oneFileSystem, entry.status.device != device {
        counts.otherFileSystems += 1
        isWay = rootSet.hasInner(at: path)
        staysOut = !isWay
      }
    }
    if !staysOut {
      descent = Descent(
        container: entry.directory, nameStart: nameStart, filter: filter, isWay: isWay,
        isRoot: isRoot, device: device)
    }
    guard isWay else { return .entry(entry) }
    return .entry(
      FoundEntry(
        path: entry.path, nameStart: nameStart, status: entry.status,
        directory: entry.directory, isAncestor: true))
  }
}

/// A directory whose entries are being given.
struct WalkLevel: Sendable {
  /// Nil where it was closed because the tree is very deep.
  var handle: DirectoryHandle?
  let identity: FileIdentity
  let pathByteCount: Int
  let filter: WalkFilter
  let isWay: Bool
  let device: UInt64
  var names: NameList
  var position = 0
}
