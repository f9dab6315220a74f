# SPDX-License-Identifier: Apache-2.0
"""Writes a snapshot into an empty folder: section 20, step 9, and 9.8 of FORMAT.md."""
import contextlib, fcntl, hashlib, os, secrets, stat, struct, sys

from snap_repository import shown
from snap_metadata import *

FLAGS, FLAGGED = 0x208380FF, (stat.S_IFDIR, stat.S_IFREG)  # of field 20
LINKED = ("mode mtime mtime_ns uid gid size ids lens level inline target major "
          "minor").split()  # fields 3 to 17 without ctime

def targets(paths):
    """{backed-up root: where it goes under OUT}: the last component, or as many as needed so that
    no place is or lies inside another."""
    roots = {path.strip(b"/") for path in paths}
    roots = {r for r in roots if not any(r.startswith(s + b"/" if s else b"") for s in roots - {r})}
    for root in roots - {b""}:
        check_path(root)
    parts = dict.fromkeys(roots, 1)
    while True:
        names = {root: b"/".join(root.split(b"/")[-parts[root]:]) for root in roots}
        meeting = [r for r in roots if parts[r] < len(r.split(b"/")) and any(
            s != r and (inside(names[r], names[s]) or inside(names[s], names[r])) for s in roots)]
        if not meeting:
            return names
        for root in meeting:
            parts[root] += 1

def inside(folder, path):
    return not folder or path == folder or path.startswith(folder + b"/")

class Restorer:
    def __init__(self, repository, out):
        self.repository, self.errors, self.links = repository, 0, {}
        os.makedirs(out, exist_ok=True)
        need(not os.listdir(out), MISMATCH, f"{out} is not empty")
        self.out, self.root = os.open(out, os.O_RDONLY | os.O_DIRECTORY), os.geteuid() == 0
        self.temporary = b".snap-reader-" + secrets.token_hex(8).encode()

    @contextlib.contextmanager
    def parent(self, path):
        """(descriptor of the folder, last component). No component is followed if it is a link."""
        *folders, name = path.split(b"/")
        with contextlib.ExitStack() as stack:
            fd = self.out
            for part in folders:
                try:
                    os.mkdir(part, 0o755, dir_fd=fd)
                except FileExistsError:
                    pass
                fd = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
                stack.callback(os.close, fd)
            yield fd, name

    def attempt(self, path, call, *arguments):
        """A piece of metadata that cannot be set is a warning."""
        try:
            call(*arguments)
        except (OSError, OverflowError, ValueError) as error:
            print(f"warning: {shown(path)}: {error}", file=sys.stderr)

    def metadata(self, fd, name, path, entry):
        """Owner, xattrs, mode, times; through a descriptor, so that no link is followed."""
        handle = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=fd)
        link = f"/proc/self/fd/{handle}"
        try:
            if self.root:
                self.attempt(path, os.chown, link, entry.uid, entry.gid)
            for item in entry.xattrs:
                value = b"".join(data or bytes(size) for size, data in self.repository.pieces(item))
                self.attempt(path, os.setxattr, link, item.name, value)
            if not stat.S_ISLNK(entry.mode):
                self.attempt(path, os.chmod, link, entry.mode & 0o7777)
            time = entry.mtime * 10**9 + entry.mtime_ns
            self.attempt(path, lambda: os.utime(link, ns=(time, time)))
        finally:
            os.close(handle)

    def folder_metadata(self, path, entry):
        with self.parent(path) as (fd, name):
            self.metadata(fd, name, path, entry)

    def flags(self, path, entry):
        with self.parent(path) as (fd, name):
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=fd)
        try:
            old = struct.unpack_from("I", fcntl.ioctl(file, 0x80086601, bytes(8)))[0]
            if (old ^ entry.flags) & FLAGS:
                fcntl.ioctl(file, 0x40086602, struct.pack("Q", old & ~FLAGS | entry.flags & FLAGS))
        finally:
            os.close(file)

    def content(self, fd, entry):
        file = os.open(self.temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=fd)
        with open(file, "wb") as file:
            for length, data in self.repository.pieces(entry):
                file.seek(length, os.SEEK_CUR) if data is None else file.write(data)
            file.truncate()

    def make(self, path, entry):
        kind = stat.S_IFMT(entry.mode)
        linked = entry.hardlink and (entry.hardlink, hashlib.sha256(
            repr([getattr(entry, field) for field in LINKED]).encode()).digest())
        with self.parent(path) as (fd, name), contextlib.ExitStack() as stack:
            if linked in self.links:
                above, first = stack.enter_context(self.parent(self.links[linked]))
                return os.link(first, name, src_dir_fd=above, dst_dir_fd=fd, follow_symlinks=False)
            if kind == stat.S_IFDIR:
                try:
                    return os.mkdir(name, 0o700, dir_fd=fd)
                except FileExistsError:  # made as a missing parent
                    return os.close(os.open(name, os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd))
            try:
                if kind == stat.S_IFREG:
                    self.content(fd, entry)
                elif kind == stat.S_IFLNK:
                    os.symlink(entry.target, self.temporary, dir_fd=fd)
                else:
                    device = os.makedev(entry.major, entry.minor)
                    os.mknod(self.temporary, kind | 0o600, device, dir_fd=fd)
                self.metadata(fd, self.temporary, path, entry)
                os.rename(self.temporary, name, src_dir_fd=fd, dst_dir_fd=fd)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.temporary, dir_fd=fd)
                raise
            if linked:
                self.links[linked] = path

    def guard(self, path, call, entry):
        try:
            call(path, entry)
            return True
        except (OSError, ValueError, OverflowError, FormatError) as error:
            self.errors += 1
            print(f"error: {shown(path)}: {error}", file=sys.stderr)

    def run(self, snapshot):
        roots, folders, flagged = targets(snapshot.paths or [b"/"]), [], []
        try:
            for entry in self.repository.walk(snapshot.root, snapshot.level):
                kind = stat.S_IFMT(entry.mode)
                for root, name in roots.items():
                    if root and entry.path != root and not entry.path.startswith(root + b"/"):
                        continue
                    path = name + entry.path[len(root):]
                    if kind in (stat.S_IFCHR, stat.S_IFBLK) and not self.root:
                        print(f"warning: {shown(path)}: only root makes devices", file=sys.stderr)
                    elif kind == stat.S_IFSOCK:
                        print(f"warning: {shown(path)}: sockets are not restored", file=sys.stderr)
                    elif self.guard(path, self.make, entry):
                        if kind == stat.S_IFDIR:
                            folders.append((path, entry))
                        if self.root and entry.flags & FLAGS and kind in FLAGGED:
                            flagged.append((path, entry))
        finally:
            for path, entry in reversed(folders):
                self.guard(path, self.folder_metadata, entry)
            for path, entry in reversed(flagged):
                self.attempt(path, self.flags, path, entry)
