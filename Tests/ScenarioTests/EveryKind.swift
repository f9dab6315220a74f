// SPDX-License-Identifier: Apache-2.0

import Glibc
import SnapTesting

/// Makes trees that hold every kind of entry that there is.
enum EveryKind {
  /// Files, links, attributes, lists, flags, odd names: all that this user may make.
  static func make(_ scene: Scene, _ name: String) async throws -> String {
    let top = try scene.makeFolder(name)
    for size in [0, 511, 512, 513, 1 << 20] {
      try scene.write("\(name)/size-\(size)", Scene.noise(size))
    }
    try scene.write("\(name)/noise", Scene.noise(5_000_000))
    try scene.write("\(name)/zeros", [UInt8](repeating: 0, count: 5_000_000))
    try scene.write("\(name)/\(String(repeating: "n", count: 255))", "long name\n")
    try scene.write("\(name)/-rf", "leading dash\n")
    try scene.write("\(name)/line\nbreak", "newline\n")
    try await Shell.script(forEveryone, in: top)
    if Scene.isRoot {
      try await Shell.script(forRoot, in: top)
    } else {
      Scene.notTested("owners, devices, trusted attributes, immutable files")
    }
    // Folders last: what is made in them changes their times.
    try await Shell.script(
      "touch -d '1965-04-03 02:01:00.987654321' dirs/closed dirs; chmod 0500 dirs/closed", in: top)
    return top
  }

  private static let forEveryone = """
    printf raw > $'not\\xffUTF\\xfe8'
    printf both > $'\\xe2\\x82-cut \\n\\x1b[31m'
    truncate -s 200M sparse
    printf first | dd of=sparse bs=1 seek=1M conv=notrunc status=none
    head -c 300000 /dev/urandom | dd of=sparse bs=64K seek=100M oflag=seek_bytes conv=notrunc \
      status=none
    truncate -s 70000 hole-only
    mkdir -p dirs/empty dirs/closed dirs/a/b/c
    printf deep > dirs/a/b/c/file
    printf inside > dirs/closed/file
    ln -s nowhere/at/all dangling
    ln -s /etc/hostname absolute
    ln -s loop loop
    ln -s "$(printf '%0300d' 7)" long-target
    printf shared > linked; ln linked dirs/linked; ln linked dirs/a/linked
    ln -s linked soft; ln soft dirs/soft
    mkfifo -m 0620 fifo; ln fifo dirs/fifo
    setfattr -n user.small -v value linked
    setfattr -n user.empty size-513
    setfattr -n user.kilobytes -v "0x$(printf 'a7%.0s' $(seq 1500))" size-512
    setfattr -n user.folder -v yes dirs
    setfacl -m u:12345:rw,g:54321:r size-511
    setfacl -d -m u:12345:rwx,g:54321:rx dirs/a
    printf late > dirs/a/after-the-default-list
    touch -d '1901-12-14 00:00:00.000000001' size-512
    touch -d '1969-12-31 23:59:59.999999999' size-513
    touch -d '2038-01-19 03:14:08.123456789' size-0
    touch -h -d '2001-02-03 04:05:06.7' dangling
    chmod 0444 size-1048576
    chmod 0 hole-only; chmod 0600 hole-only
    mkdir -m 1777 sticky; mkdir -m 2755 set-group
    printf set > set-user; chmod 6755 set-user
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
    """

  private static let forRoot = """
    mknod null c 1 3; mknod -m 0640 disk b 259 70000
    chown 12345:54321 noise; chown -h 77:88 dangling; chown 3000000000:7 dirs/a
    printf set > set-user-of-other; chown 4321:1234 set-user-of-other; chmod 6711 set-user-of-other
    setfattr -n trusted.note -v root linked
    setfattr -h -n trusted.link -v 'on a link' absolute
    setcap cap_net_raw+ep set-user 2>/dev/null || setfattr -n security.note -v plain set-user
    for flag in d A; do chattr +$flag zeros || true; done
    printf fixed > immutable; touch -d '2003-03-03 03:03:03.3' immutable
    printf log > append-only
    chattr +i immutable || true
    chattr +a append-only || true
    mkdir flagged; chattr +A flagged || true
    chmod 0000 size-511
    """

  /// 300 folders in each other, with a path longer than PATH_MAX; a file in the deepest.
  static func makeDeep(_ scene: Scene, _ name: String) throws -> String {
    let top = try scene.makeFolder(name)
    var folder = unsafe open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    for level in 0..<300 {
      let child = "level-\(level)-of-many"
      unsafe mkdirat(folder, child, 0o750)
      let next = unsafe openat(folder, child, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      close(folder)
      guard next >= 0 else { throw ScenarioFailure(description: "cannot go to level \(level)") }
      folder = next
    }
    defer { close(folder) }
    let file = unsafe openat(folder, "deepest", O_WRONLY | O_CREAT | O_CLOEXEC, 0o604)
    guard file >= 0 else { throw ScenarioFailure(description: "no deepest file") }
    defer { close(file) }
    guard unsafe write(file, "far down\n", 9) == 9, unsafe symlinkat("far/up", folder, "link") == 0
    else { throw ScenarioFailure(description: "cannot fill the deepest folder") }
    return top
  }
}
