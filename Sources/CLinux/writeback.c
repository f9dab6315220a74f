// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "writeback.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

// The name of a descriptor under /proc, which leads to the very inode.
struct fd_path { char text[32]; };
static struct fd_path fd_path(int fd) {
  struct fd_path path;
  snprintf(path.text, sizeof path.text, "/proc/self/fd/%d", fd);
  return path;
}

static int result(int value) { return value < 0 ? -errno : value; }

static int open_retrying(int folder, const char *name, int flags, mode_t mode) {
  for (;;) {
    int fd = openat(folder, name, flags | O_CLOEXEC, mode);
    if (fd >= 0) return fd;
    if (errno != EINTR) return -errno;
  }
}

// Folders.

static int make_parents(const char *path) {
  char *copy = strdup(path);
  if (!copy) return -ENOMEM;
  int outcome = 0;
  for (char *cut = strchr(copy + 1, '/'); cut && outcome == 0; cut = strchr(cut + 1, '/')) {
    *cut = 0;
    if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
      // A read-only parent that exists may answer anything but EEXIST.
      int error = errno;
      struct stat status;
      if (stat(copy, &status) != 0) outcome = -error;
    }
    *cut = '/';
  }
  free(copy);
  return outcome;
}

int snap_out_open_target(const char *path, int *made) {
  *made = -1;
  if (*path == 0) return -ENOENT;
  int fd = open_retrying(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
  if (fd != -ENOENT) return fd;
  int outcome = make_parents(path);
  if (outcome < 0) return outcome;
  // The umask is learned from what mkdir makes of 0777: asking for it would change it for all
  // threads. The folder is still empty while it is wide open.
  int fresh = mkdir(path, 0777) == 0;
  if (!fresh && errno != EEXIST) return -errno;
  fd = open_retrying(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | (fresh ? O_NOFOLLOW : 0), 0);
  if (fd < 0 || !fresh) return fd;
  struct stat status;
  if (fstat(fd, &status) != 0 || fchmod(fd, 0700) != 0) {
    outcome = -errno;
    close(fd);
    return outcome;
  }
  *made = status.st_mode & 0777;
  return fd;
}

// One call that the kernel confines; -EAGAIN stands for "walk it yourself".
static int open_confined(int folder, const char *path, int flags) {
  struct open_how how = {
      .flags = (uint64_t)flags | O_CLOEXEC,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  for (;;) {
    long fd = syscall(SYS_openat2, folder, path, &how, sizeof how);
    if (fd >= 0) return (int)fd;
    // EPERM: filters of old container tools answer so to calls that they do not know.
    if (errno == ENOSYS || errno == EPERM) return -EAGAIN;
    if (errno != EINTR) return -errno;
  }
}

static int open_stepwise(int folder, const char *path, int flags) {
  int current = folder;
  for (;;) {
    char name[NAME_MAX + 1];
    const char *end = strchrnul(path, '/');
    size_t length = (size_t)(end - path);
    int next = -ENAMETOOLONG;
    if (length < sizeof name) {
      memcpy(name, path, length);
      name[length] = 0;
      next = open_retrying(current, name, *end ? O_PATH | O_DIRECTORY | O_NOFOLLOW : flags, 0);
    }
    if (current != folder) close(current);
    if (next < 0 || *end == 0) return next;
    current = next;
    path = end + 1;
  }
}

static int open_below(int folder, const char *path, int flags, int stepwise) {
  int fd = stepwise ? -EAGAIN : open_confined(folder, path, flags);
  return fd == -EAGAIN ? open_stepwise(folder, path, flags) : fd;
}

int snap_out_open_folder(int folder, const char *path, int stepwise) {
  int flags = O_DIRECTORY | O_NOFOLLOW;
  int fd = open_below(folder, path, O_RDONLY | flags, stepwise);
  return fd == -EACCES ? open_below(folder, path, O_PATH | flags, stepwise) : fd;
}

int snap_out_make_folder(int folder, const char *leaf) {
  return result(mkdirat(folder, leaf, 0700));
}

int snap_out_passes_acl_on(int folder) {
  return fgetxattr(folder, "system.posix_acl_default", NULL, 0) > 0;
}

// Nodes by name.

int snap_out_open_node(int folder, const char *leaf, int as_folder, int *bare) {
  *bare = 0;
  if (as_folder) {
    int fd = open_retrying(folder, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd != -EACCES) return fd;
  }
  *bare = 1;
  return open_retrying(folder, leaf, O_PATH | O_NOFOLLOW, 0);
}

int snap_out_open_file(int folder, const char *leaf) {
  struct stat status;
  if (fstatat(folder, leaf, &status, AT_SYMLINK_NOFOLLOW) != 0) return -errno;
  if (!S_ISREG(status.st_mode)) return -EEXIST;
  int fd = open_retrying(folder, leaf, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
  if (fd < 0) return fd;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) return fd;
  close(fd);
  return -EEXIST;
}

int snap_out_create(int folder, const char *leaf) {
  return open_retrying(folder, leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
}

int snap_out_make_node(
    int folder, const char *leaf, uint32_t type, uint32_t major, uint32_t minor) {
  return result(mknodat(folder, leaf, (type & S_IFMT) | 0600, makedev(major, minor)));
}

int snap_out_make_link(int folder, const char *leaf, const char *target) {
  return result(symlinkat(target, folder, leaf));
}

int snap_out_hard_link(int from_folder, const char *from, int to_folder, const char *to) {
  return result(linkat(from_folder, from, to_folder, to, 0));
}

int64_t snap_out_read_link(int folder, const char *leaf, void *bytes, size_t count) {
  ssize_t length = readlinkat(folder, leaf, bytes, count);
  return length < 0 ? -errno : length;
}

int snap_out_remove(int folder, const char *leaf) { return result(unlinkat(folder, leaf, 0)); }

int snap_out_rename_new(int folder, const char *from, const char *to, int plain) {
  if (!plain) {
    if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS && errno != EPERM && errno != EOPNOTSUPP) return -errno;
  }
  if (linkat(folder, from, folder, to, 0) == 0) return result(unlinkat(folder, from, 0));
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) return -errno;
  struct stat status;
  if (fstatat(folder, to, &status, AT_SYMLINK_NOFOLLOW) == 0) return -EEXIST;
  return errno == ENOENT ? result(renameat(folder, from, folder, to)) : -errno;
}

int snap_out_rename_over(int folder, const char *from, const char *to) {
  return result(renameat(folder, from, folder, to));
}

static void fill(struct snap_out_status *out, const struct stat *in) {
  *out = (struct snap_out_status){
      .mode = in->st_mode,
      .uid = in->st_uid,
      .gid = in->st_gid,
      .links = (uint32_t)in->st_nlink,
      .size = (uint64_t)in->st_size,
      .inode = in->st_ino,
      .device = in->st_dev,
      .seconds = in->st_mtim.tv_sec,
      .nanoseconds = (uint32_t)in->st_mtim.tv_nsec,
      .rdev_major = major(in->st_rdev),
      .rdev_minor = minor(in->st_rdev),
  };
}

int snap_out_look(int folder, const char *leaf, struct snap_out_status *status) {
  struct stat raw;
  if (fstatat(folder, leaf, &raw, AT_SYMLINK_NOFOLLOW) != 0) return -errno;
  fill(status, &raw);
  return 0;
}

int snap_out_status_of(int node, struct snap_out_status *status) {
  struct stat raw;
  if (fstat(node, &raw) != 0) return -errno;
  fill(status, &raw);
  return 0;
}

// Content.

int snap_out_write(int file, const void *bytes, size_t count, uint64_t offset) {
  const char *next = bytes;
  while (count > 0) {
    ssize_t written = pwrite(file, next, count, (off_t)offset);
    if (written < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    if (written == 0) return -EIO;
    next += written;
    offset += (uint64_t)written;
    count -= (size_t)written;
  }
  return 0;
}

int64_t snap_out_read(int file, void *bytes, size_t count, uint64_t offset) {
  size_t done = 0;
  while (done < count) {
    ssize_t got = pread(file, (char *)bytes + done, count - done, (off_t)(offset + done));
    if (got < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    if (got == 0) break;
    done += (size_t)got;
  }
  return (int64_t)done;
}

int snap_out_truncate(int file, uint64_t size) {
  if (size > INT64_MAX) return -EFBIG;
  for (;;) {
    if (ftruncate(file, (off_t)size) == 0) return 0;
    if (errno != EINTR) return -errno;
  }
}

// Metadata.

int snap_out_chown(int node, uint32_t uid, uint32_t gid) {
  return result(fchownat(node, "", uid, gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
}

int snap_out_chmod(int node, int bare, uint32_t mode) {
  if (!bare) return result(fchmod(node, mode));
  if (syscall(SYS_fchmodat2, node, "", (mode_t)mode, AT_EMPTY_PATH) == 0) return 0;
  return result(chmod(fd_path(node).text, mode));
}

int snap_out_set_time(int node, int bare, int64_t seconds, uint32_t nanoseconds) {
  // Greater numbers have meanings of their own (UTIME_NOW, UTIME_OMIT).
  if (nanoseconds > 999999999) return -EINVAL;
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {seconds, nanoseconds}};
  if (!bare) return result(futimens(node, times));
  if (utimensat(node, "", times, AT_EMPTY_PATH) == 0) return 0;
  if (errno != EINVAL) return -errno;
  return result(utimensat(AT_FDCWD, fd_path(node).text, times, 0));
}

int snap_out_set_xattr(int node, int bare, const char *name, const void *value, size_t count) {
  if (!bare) return result(fsetxattr(node, name, value, count, 0));
  return result(setxattr(fd_path(node).text, name, value, count, 0));
}

int snap_out_remove_xattr(int node, int bare, const char *name) {
  int outcome = bare ? removexattr(fd_path(node).text, name) : fremovexattr(node, name);
  return outcome == 0;
}

int snap_out_get_flags(int node, uint32_t *flags) {
  long value = 0;
  if (ioctl(node, FS_IOC_GETFLAGS, &value) != 0) return -errno;
  *flags = (uint32_t)value;
  return 0;
}

int snap_out_set_flags(int node, uint32_t flags) {
  long value = (long)flags;
  return result(ioctl(node, FS_IOC_SETFLAGS, &value));
}

int snap_out_reopen(int node) {
  return open_retrying(AT_FDCWD, fd_path(node).text, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
}

int64_t snap_out_room(int node) {
  struct statvfs room;
  if (fstatvfs(node, &room) != 0) return -errno;
  unsigned long long bytes;
  if (__builtin_mul_overflow(room.f_bavail, room.f_frsize, &bytes)) return INT64_MAX;
  return bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
}

int snap_out_sync_all(int node) { return result(syncfs(node)); }

int snap_out_sync(int node) {
  if (fsync(node) == 0) return 0;
  return errno == EINVAL || errno == ENOTSUP || errno == EROFS ? 0 : -errno;
}

uint32_t snap_out_user(void) { return geteuid(); }

void snap_out_close(int descriptor) { close(descriptor); }

// Listing.

int snap_out_list_open(int folder, void **listing) {
  // A descriptor of its own, so that the position is not shared.
  int fd = open_retrying(folder, ".", O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return fd;
  DIR *stream = fdopendir(fd);
  if (!stream) {
    int error = errno;
    close(fd);
    return -error;
  }
  *listing = stream;
  return 0;
}

int snap_out_list_next(void *listing, const char **name, uint32_t *type) {
  for (;;) {
    errno = 0;
    struct dirent *item = readdir(listing);
    if (!item) return errno ? -errno : 0;
    if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0) continue;
    *name = item->d_name;
    *type = DTTOIF(item->d_type);
    return 1;
  }
}

void snap_out_list_close(void *listing) { closedir(listing); }
