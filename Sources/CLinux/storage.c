// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "storage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

// write(2) and pread(2) take less than 2 GiB at once.
#define SNAP_STORE_STEP ((size_t)1 << 30)

static int result_of(int value) { return value < 0 ? -errno : value; }

static int sync_descriptor(int descriptor) {
  int result;
  do {
    result = fsync(descriptor);
  } while (result < 0 && errno == EINTR);
  return result_of(result);
}

int snap_store_sync(int file) { return sync_descriptor(file); }

int snap_store_sync_folder(int folder) {
  int result = sync_descriptor(folder);
  return result == -EINVAL || result == -ENOSYS || result == -EOPNOTSUPP ? 0 : result;
}

static int sync_folder_at(const char *path) {
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A parent that may be searched but not read cannot be synced by us; nothing to be done.
  if (folder < 0) return errno == EACCES ? 0 : -errno;
  int result = snap_store_sync_folder(folder);
  close(folder);
  return result;
}

int snap_store_make_path(const char *path) {
  char partial[PATH_MAX];
  size_t length = strlen(path);
  if (length == 0) return -ENOENT;
  if (length >= sizeof partial) return -ENAMETOOLONG;
  memcpy(partial, path, length + 1);
  size_t parent = 0;  // length of the parent's text; 0 means "." or "/"
  for (size_t i = 1; i <= length; i++) {
    if (i < length && path[i] != '/') continue;
    if (path[i - 1] == '/') continue;
    partial[i] = 0;
    if (mkdir(partial, 0700) == 0) {
      char above[PATH_MAX];
      memcpy(above, path, parent);
      above[parent] = 0;
      int result = sync_folder_at(parent > 0 ? above : path[0] == '/' ? "/" : ".");
      if (result < 0) return result;
    } else if (errno != EEXIST) {
      // A read-only or forbidden place that has the folder already reports something else.
      int error = errno;
      struct stat status;
      if (stat(partial, &status) < 0) return -error;
    }
    parent = i;
    partial[i] = path[i];
  }
  return 0;
}

int snap_store_open_root(const char *path) {
  return result_of(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int open_one(int above, const char *leaf, int make) {
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int folder = openat(above, leaf, flags);
  if (folder >= 0) return folder;
  int error = errno;
  if (error == ENOENT && make) {
    if (mkdirat(above, leaf, 0700) < 0 && errno != EEXIST) return -errno;
    return result_of(openat(above, leaf, flags));
  }
  struct stat status;
  if (error == ENOTDIR && fstatat(above, leaf, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISLNK(status.st_mode)) {
    return -ELOOP;
  }
  return -error;
}

int snap_store_open_folder(int root, const char *path, int make) {
  int folder = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -errno;
  while (*path != 0) {
    char leaf[NAME_MAX + 1];
    size_t length = strcspn(path, "/");
    int next = -ENAMETOOLONG;
    if (length <= NAME_MAX) {
      memcpy(leaf, path, length);
      leaf[length] = 0;
      next = open_one(folder, leaf, make);
    }
    close(folder);
    if (next < 0) return next;
    folder = next;
    path += length;
    while (*path == '/') path++;
  }
  return folder;
}

int snap_store_open_file(int folder, const char *leaf, int64_t *size) {
  // O_NONBLOCK: a FIFO in place of an object must not hang us.
  int file = openat(folder, leaf, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return errno == ELOOP || errno == ENXIO ? -ENOENT : -errno;
  struct stat status;
  int error = fstat(file, &status) < 0 ? errno : S_ISREG(status.st_mode) ? 0 : ENOENT;
  if (error != 0) {
    close(file);
    return -error;
  }
  *size = status.st_size;
  return file;
}

static void describe(const struct stat *status, struct snap_store_entry *entry) {
  entry->size = status->st_size;
  entry->modified =
      (int64_t)((uint64_t)status->st_mtim.tv_sec * 1000000000u + (uint64_t)status->st_mtim.tv_nsec);
  entry->kind = S_ISREG(status->st_mode)   ? SNAP_STORE_FILE
                : S_ISDIR(status->st_mode) ? SNAP_STORE_FOLDER
                                           : SNAP_STORE_OTHER;
}

int snap_store_look(int folder, const char *leaf, struct snap_store_entry *entry) {
  struct stat status;
  memset(entry, 0, sizeof *entry);
  if (fstatat(folder, leaf, &status, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
  describe(&status, entry);
  return 0;
}

int snap_store_create(int folder, const char *leaf) {
  return result_of(
      openat(folder, leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
}

// Large aligned objects (packs) go past the page cache: nobody reads them soon, copying them costs
// a fifth of a backup's time (measured), and the user's own cached files stay where they are.
// Whatever the file system does not take that way is written as usual by the caller.
static size_t write_direct(int file, const char *bytes, size_t count) {
  const size_t block = 4096;
  if (count < (1 << 20) || (uintptr_t)bytes % block != 0) return 0;
  int flags = fcntl(file, F_GETFL);
  if (flags < 0 || fcntl(file, F_SETFL, flags | O_DIRECT) < 0) return 0;
  size_t done = 0;
  size_t whole = count / block * block;
  while (done < whole) {
    ssize_t part = write(file, bytes + done, whole - done);
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0 || part % (ssize_t)block != 0) {
      // The usual way begins at the file's position, which has moved by what was written.
      if (part > 0) done += (size_t)part;
      break;
    }
    done += (size_t)part;
  }
  fcntl(file, F_SETFL, flags);
  return done;
}

int snap_store_write_all(int file, const void *bytes, size_t count) {
  const char *next = bytes;
  size_t direct = write_direct(file, next, count);
  next += direct;
  count -= direct;
  while (count > 0) {
    ssize_t done = write(file, next, count < SNAP_STORE_STEP ? count : SNAP_STORE_STEP);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return -errno;
    if (done == 0) return -EIO;
    next += done;
    count -= (size_t)done;
  }
  return 0;
}

int64_t snap_store_read_at(int file, void *bytes, size_t count, int64_t offset) {
  char *next = bytes;
  size_t left = count;
  while (left > 0) {
    ssize_t done = pread(file, next, left < SNAP_STORE_STEP ? left : SNAP_STORE_STEP, offset);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return -errno;
    if (done == 0) break;
    next += done;
    offset += done;
    left -= (size_t)done;
  }
  return (int64_t)(count - left);
}

int64_t snap_store_length(int file) {
  struct stat status;
  return fstat(file, &status) < 0 ? -errno : status.st_size;
}

void snap_store_start_writeback(int file) {
  sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int snap_store_rename(int from_folder, const char *from, int to_folder, const char *to) {
  return result_of(renameat(from_folder, from, to_folder, to));
}

static int same_file(int folder_a, const char *a, int folder_b, const char *b) {
  struct stat first, second;
  return fstatat(folder_a, a, &first, AT_SYMLINK_NOFOLLOW) == 0 &&
         fstatat(folder_b, b, &second, AT_SYMLINK_NOFOLLOW) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

int snap_store_rename_new(
    int from_folder, const char *from, int to_folder, const char *to, int way) {
  if (way <= 0) {
    if (renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return -errno;
  }
  if (way <= 1) {
    int linked = linkat(from_folder, from, to_folder, to, 0) == 0;
    int error = errno;
    // NFS may answer "exists" to its own repeated request, although the first one succeeded.
    if (!linked && error == EEXIST) linked = same_file(from_folder, from, to_folder, to);
    if (linked) {
      unlinkat(from_folder, from, 0);
      return 0;
    }
    if (error != EPERM && error != ENOSYS && error != EOPNOTSUPP && error != EMLINK) return -error;
  }
  struct stat status;
  if (fstatat(to_folder, to, &status, AT_SYMLINK_NOFOLLOW) == 0) return -EEXIST;
  if (errno != ENOENT) return -errno;
  return snap_store_rename(from_folder, from, to_folder, to);
}

int snap_store_remove(int folder, const char *leaf) {
  return result_of(unlinkat(folder, leaf, 0));
}

int64_t snap_store_room(int file) {
  struct statvfs status;
  if (fstatvfs(file, &status) < 0) return -errno;
  uint64_t bytes;
  if (__builtin_mul_overflow((uint64_t)status.f_bavail, (uint64_t)status.f_frsize, &bytes) ||
      bytes > INT64_MAX) {
    return INT64_MAX;
  }
  return (int64_t)bytes;
}

void snap_store_close(int descriptor) { close(descriptor); }

int snap_store_list_open(int folder, void **listing) {
  DIR *stream = fdopendir(folder);
  if (stream == NULL) {
    int error = errno;
    close(folder);
    return -error;
  }
  *listing = stream;
  return 0;
}

int snap_store_list_next(void *listing, struct snap_store_entry *entry) {
  DIR *stream = listing;
  for (;;) {
    errno = 0;
    struct dirent *item = readdir(stream);
    if (item == NULL) return errno == 0 ? 0 : -errno;
    if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0) continue;
    memset(entry, 0, sizeof *entry);
    entry->name = item->d_name;
    if (item->d_type == DT_DIR) {
      entry->kind = SNAP_STORE_FOLDER;
      return 1;
    }
    struct stat status;
    if (fstatat(dirfd(stream), item->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
      if (errno == ENOENT) continue;
      return -errno;
    }
    describe(&status, entry);
    if (S_ISLNK(status.st_mode) && fstatat(dirfd(stream), item->d_name, &status, 0) == 0 &&
        S_ISDIR(status.st_mode)) {
      entry->kind = SNAP_STORE_LINKED_FOLDER;
    }
    return 1;
  }
}

void snap_store_list_close(void *listing) { closedir(listing); }

const char *snap_store_error_text(int error) {
  const char *text = strerrordesc_np(error);
  return text == NULL ? "unknown system error" : text;
}
