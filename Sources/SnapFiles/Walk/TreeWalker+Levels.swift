// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SnapFormat

extension TreeWalker {
  /// Opens the directory at `path`.
  mutating func open(_ descent: Descent) {
    let outcome = descent.container.open(path[descent.nameStart...], isBare: descent.isWay)
    switch outcome {
    case .failed(let error):
      // Gone since it was given, like any other.
      if error == ENOENT, !descent.isWay, !descent.isRoot { return }
      problems.append(FileError(path: path, errno: error, doing: "list"))
    case .opened(let handle):
      var raw = snap_file_status()
      let result = handle.look(&raw)
      if result < 0 {
        problems.append(FileError(path: path, errno: -result, doing: "look at"))
        return
      }
      // Opening may have mounted something.
      if options.oneFileSystem, !descent.isWay, !descent.isRoot, raw.device != descent.device {
        counts.otherFileSystems += 1
        return
      }
      enter(handle, FileStatus(raw), descent)
    }
  }

  /// Makes an open directory the deepest level.
  mutating func enter(_ handle: DirectoryHandle, _ status: FileStatus, _ descent: Descent) {
    var names = spareNames.popLast() ?? NameList()
    var filter = descent.filter
    if descent.isWay {
      names.fill(rootSet.names(in: path))
    } else {
      let error = names.read(handle, buffer: &buffer)
      if error != 0 { problems.append(FileError(path: path, errno: error, doing: "list")) }
      if names.hasCacheTag, options.defaultExcludes, !descent.isRoot,
        !rootSet.hasInner(at: path), Self.hasValidTag(handle)
      {
        counts.cacheDirectories += 1
        names.keepCacheTag()
      }
      if names.hasRules { addRules(of: handle, to: &filter) }
    }
    levels.append(
      WalkLevel(
        handle: handle, identity: status.identity, pathByteCount: path.count, filter: filter,
        isWay: descent.isWay, device: descent.isRoot ? status.device : descent.device,
        names: names))
    // The first level stays: the way to all others begins there.
    let far = levels.count - 1 - Self.openLevelsMax
    if far > 0 { levels[far].handle = nil }
  }

  /// Goes back to the directory above.
  mutating func leave() {
    guard let done = levels.popLast() else { return }
    if spareNames.count < 16 {
      var names = done.names
      names.clear()
      spareNames.append(names)
    }
    guard let top = levels.indices.last, levels[top].handle == nil else { return }
    if let below = done.handle, case .opened(let handle) = openAbove(below, top) {
      levels[top].handle = handle
    } else {
      reopen(top)
    }
  }

  /// The shortest way back, unless the directory was moved elsewhere meanwhile.
  private func openAbove(_ below: DirectoryHandle, _ level: Int) -> DirectoryHandle.Outcome {
    check(below.open(Array("..".utf8), isBare: levels[level].isWay), level)
  }

  /// Turns another directory than that of `level` into an error.
  private func check(_ outcome: DirectoryHandle.Outcome, _ level: Int) -> DirectoryHandle.Outcome {
    guard case .opened(let handle) = outcome else { return outcome }
    var raw = snap_file_status()
    let result = handle.look(&raw)
    if result < 0 { return .failed(errno: -result) }
    let isSame = FileStatus(raw).identity == levels[level].identity
    return isSame ? outcome : .failed(errno: ESTALE)
  }

  /// Opens the directory of a level by its names, from the nearest open level on. The rest of its
  /// entries is reported as one problem if that fails.
  private mutating func reopen(_ level: Int) {
    guard var nearest = levels[..<level].lastIndex(where: { $0.handle != nil }),
      var handle = levels[nearest].handle
    else { return }
    while nearest < level {
      let start = levels[nearest].pathByteCount
      let name = path[(start == 0 ? 0 : start + 1)..<levels[nearest + 1].pathByteCount]
      nearest += 1
      switch check(handle.open(name, isBare: levels[nearest].isWay), nearest) {
      case .opened(let opened): handle = opened
      case .failed(let error):
        let here = Array(path[..<levels[level].pathByteCount])
        problems.append(FileError(path: here, errno: error, doing: "list the rest of"))
        levels[level].position = levels[level].names.count
        return
      }
    }
    levels[level].handle = handle
  }

  private static let tagText = Array("Signature: 8a477f597d28d172789f06886806bc55".utf8)
  private static let rulesByteCountMax = 4 << 20

  /// Says whether the directory's CACHEDIR.TAG is what the convention wants.
  private static func hasValidTag(_ directory: DirectoryHandle) -> Bool {
    let (bytes, _) = contents(directory, NameList.cacheTagName, limit: tagText.count)
    return bytes == tagText
  }

  private mutating func addRules(of directory: DirectoryHandle, to filter: inout WalkFilter) {
    let (bytes, error) = Self.contents(
      directory, NameList.rulesName, limit: Self.rulesByteCountMax + 1)
    let name = path.isEmpty ? NameList.rulesName : path + [UInt8(ascii: "/")] + NameList.rulesName
    guard let bytes, bytes.count <= Self.rulesByteCountMax else {
      if error != ENOENT {
        problems.append(FileError(path: name, errno: bytes == nil ? error : EFBIG, doing: "read"))
      }
      return
    }
    let (patterns, errors) = FilterPattern.parseAll(bytes)
    filter.add(patterns, directory: path)
    for error in errors {
      problems.append(
        FileError(
          path: name, errno: EINVAL, doing: "understand line \(error.line) (\(error.reason)) of"))
    }
  }

  /// The first `limit` bytes of a regular file; ENOENT for any other kind of node.
  private static func contents(
    _ directory: DirectoryHandle, _ name: [UInt8], limit: Int
  ) -> (bytes: [UInt8]?, errno: Int32) {
    var raw = snap_file_status()
    let looked = directory.look(name, &raw)
    if looked < 0 { return (nil, -looked) }
    guard FileStatus(raw).kind == .file else { return (nil, ENOENT) }
    let file = unsafe CName.with(name) { leaf in unsafe snap_file_open(directory.descriptor, leaf) }
    if file < 0 { return (nil, -file) }
    defer { snap_file_close(file) }
    // Another node may have taken the name.
    let result = unsafe snap_file_status_of(file, &raw)
    if result < 0 { return (nil, -result) }
    guard FileStatus(raw).kind == .file else { return (nil, ENOENT) }
    var bytes = [UInt8](repeating: 0, count: min(limit, Int(clamping: raw.size)))
    let got = unsafe bytes.withUnsafeMutableBytes { room in
      guard let start = room.baseAddress else { return Int64(0) }
      return unsafe snap_file_read(file, start, room.count, 0)
    }
    if got < 0 { return (nil, Int32(truncatingIfNeeded: -got)) }
    bytes.removeLast(bytes.count - Int(got))
    return (bytes, 0)
  }
}
