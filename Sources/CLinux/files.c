// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

// Status.

static int look(int folder, const char *path, int flags, struct snap_file_status *out) {
  struct statx raw;
  while (statx(folder, path, flags, STATX_BASIC_STATS | STATX_BTIME, &raw) != 0) {
    if (errno != EINTR) return -errno;
  }
  *out = (struct snap_file_status){
      .device = makedev(raw.stx_dev_major, raw.stx_dev_minor),
      .inode = raw.stx_ino,
      .size = raw.stx_size,
      .blocks = raw.stx_blocks,
      .mode = raw.stx_mode,
      .links = raw.stx_nlink,
      .uid = raw.stx_uid,
      .gid = raw.stx_gid,
      .rdev_major = raw.stx_rdev_major,
      .rdev_minor = raw.stx_rdev_minor,
      .mtime_seconds = raw.stx_mtime.tv_sec,
      .mtime_ns = raw.stx_mtime.tv_nsec,
      .ctime_seconds = raw.stx_ctime.tv_sec,
      .ctime_ns = raw.stx_ctime.tv_nsec,
      .birth_seconds = raw.stx_btime.tv_sec,
      .birth_ns = raw.stx_btime.tv_nsec,
      .has_birth = (raw.stx_mask & STATX_BTIME) != 0,
  };
  return 0;
}

// As stat does: a network file system decides itself how old an answer may be. AT_STATX_DONT_SYNC
// would let a changed file look unchanged there, and saves nothing on local ones.
static const int look_flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;

int snap_file_look(int folder, const char *leaf, struct snap_file_status *status) {
  return look(folder, leaf, look_flags, status);
}

int snap_file_look_path(const char *path, struct snap_file_status *status) {
  return look(AT_FDCWD, path, 0, status);
}

int snap_file_status_of(int node, struct snap_file_status *status) {
  return look(node, "", AT_EMPTY_PATH | look_flags, status);
}

// Opening.

// O_NOATIME belongs to the owner; everybody else reads without it.
static int open_quietly(int folder, const char *leaf, int flags) {
  int quiet = O_NOATIME;
  for (;;) {
    int fd = openat(folder, leaf, flags | quiet | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) return fd;
    if (errno == EPERM && quiet) quiet = 0;
    else if (errno != EINTR) return -errno;
  }
}

int snap_file_open_folder(int folder, const char *leaf, int bare) {
  if (!bare) return open_quietly(folder, leaf, O_RDONLY | O_DIRECTORY);
  int fd = openat(folder, leaf, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int snap_file_open_root(int bare) { return snap_file_open_folder(AT_FDCWD, "/", bare); }

int snap_file_open(int folder, const char *leaf) {
  const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
  for (int tries = 0;; tries++) {
    int fd = open_quietly(folder, leaf, O_RDONLY | O_NONBLOCK);
    // Another program holds a lease on the file and has just been asked to give it back.
    if (fd != -EWOULDBLOCK || tries == 100) return fd;
    nanosleep(&pause, NULL);
  }
}

void snap_file_close(int descriptor) { close(descriptor); }

// Reading.

int64_t snap_file_list(int folder, void *bytes, size_t count) {
  for (;;) {
    long got = syscall(SYS_getdents64, folder, bytes, count);
    if (got >= 0) return got;
    if (errno != EINTR) return -errno;
  }
}

int64_t snap_file_read(int file, void *bytes, size_t count, uint64_t offset) {
  size_t done = 0;
  while (done < count) {
    if (offset + done > INT64_MAX) break;
    ssize_t got = pread(file, (char *)bytes + done, count - done, (off_t)(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) break;
    done += (size_t)got;
  }
  return (int64_t)done;
}

static int64_t seek(int file, uint64_t offset, int whence) {
  if (offset > INT64_MAX) return -ENXIO;
  off_t at = lseek(file, (off_t)offset, whence);
  return at < 0 ? -errno : at;
}

int64_t snap_file_seek_data(int file, uint64_t offset) { return seek(file, offset, SEEK_DATA); }

int64_t snap_file_seek_hole(int file, uint64_t offset) { return seek(file, offset, SEEK_HOLE); }

void snap_file_will_read_all(int file) { posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL); }

void snap_file_forget_pages(int file, uint64_t offset, uint64_t count) {
  if (offset > INT64_MAX || count > INT64_MAX - offset) return;
  posix_fadvise(file, (off_t)offset, (off_t)count, POSIX_FADV_DONTNEED);
}

int64_t snap_file_read_link(int folder, const char *leaf, void *bytes, size_t count) {
  ssize_t got = readlinkat(folder, leaf, bytes, count);
  return got < 0 ? -errno : got;
}

// Metadata.

// No call reads the attributes of a name in an open folder, but /proc leads to it.
static int leaf_path(char path[PATH_MAX], int folder, const char *leaf) {
  int length = snprintf(path, PATH_MAX, "/proc/self/fd/%d/%s", folder, leaf);
  return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int64_t snap_file_list_xattrs(int node, const char *leaf, void *bytes, size_t count) {
  if (!leaf) {
    ssize_t got = flistxattr(node, bytes, count);
    return got < 0 ? -errno : got;
  }
  char path[PATH_MAX];
  int outcome = leaf_path(path, node, leaf);
  if (outcome < 0) return outcome;
  ssize_t got = llistxattr(path, bytes, count);
  return got < 0 ? -errno : got;
}

int64_t snap_file_get_xattr(
    int node, const char *leaf, const char *name, void *bytes, size_t count) {
  if (!leaf) {
    ssize_t got = fgetxattr(node, name, bytes, count);
    return got < 0 ? -errno : got;
  }
  char path[PATH_MAX];
  int outcome = leaf_path(path, node, leaf);
  if (outcome < 0) return outcome;
  ssize_t got = lgetxattr(path, name, bytes, count);
  return got < 0 ? -errno : got;
}

int snap_file_get_flags(int node, uint32_t *flags) {
  // Declared as a long, but file systems write an int; some in user space write the long.
  unsigned long room = 0;
  if (ioctl(node, FS_IOC_GETFLAGS, &room) != 0) return -errno;
  memcpy(flags, &room, sizeof *flags);
  return 0;
}
