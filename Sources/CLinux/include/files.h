// SPDX-License-Identifier: Apache-2.0
// System calls of the read side: walking, reading, metadata. A negative result is always -errno.
// Folders are descriptors, leaves are single names; no call here follows a symbolic link but
// snap_file_open_root.
#ifndef SNAP_CLINUX_FILES_H
#define SNAP_CLINUX_FILES_H

#include <stddef.h>
#include <stdint.h>

/// What statx tells of a node. `blocks` are of 512 bytes.
struct snap_file_status {
  uint64_t device, inode, size, blocks;
  uint32_t mode, links, uid, gid, rdev_major, rdev_minor;
  int64_t mtime_seconds, ctime_seconds, birth_seconds;
  uint32_t mtime_ns, ctime_ns, birth_ns;
  /// Not 0 where the file system keeps birth times.
  uint32_t has_birth;
};

/// Looks at a name in a folder. Triggers no automount.
int snap_file_look(
    int folder, const char *_Nonnull leaf, struct snap_file_status *_Nonnull status);

/// Looks at a path of the user's, following links.
int snap_file_look_path(const char *_Nonnull path, struct snap_file_status *_Nonnull status);

/// Looks at an open descriptor.
int snap_file_status_of(int node, struct snap_file_status *_Nonnull status);

/// Opens "/", only to look up names in it if `bare` is not 0.
int snap_file_open_root(int bare);

/// Opens a folder to list it, or only to look up names in it (O_PATH) if `bare` is not 0.
/// Leaves its access time alone where that is permitted.
int snap_file_open_folder(int folder, const char *_Nonnull leaf, int bare);

/// Opens a file for reading; never waits for the other end of a FIFO, for a lease up to 5 seconds.
/// Leaves its access time alone where that is permitted.
int snap_file_open(int folder, const char *_Nonnull leaf);

/// Fills `bytes` with records of the kernel's linux_dirent64; 0 at the end.
int64_t snap_file_list(int folder, void *_Nonnull bytes, size_t count);

/// Reads until `count` bytes or the end of the file.
int64_t snap_file_read(int file, void *_Nonnull bytes, size_t count, uint64_t offset);

/// The begin of the first data at or behind `offset`; -ENXIO where only a hole follows.
int64_t snap_file_seek_data(int file, uint64_t offset);

/// The begin of the first hole at or behind `offset`; the end of a file counts as one.
int64_t snap_file_seek_hole(int file, uint64_t offset);

/// Tells the kernel that a file will be read from begin to end.
void snap_file_will_read_all(int file);

/// Tells the kernel that these pages are not needed any more.
void snap_file_forget_pages(int file, uint64_t offset, uint64_t count);

/// Reads a symbolic link; the result is its length, at most `count`.
int64_t snap_file_read_link(
    int folder, const char *_Nonnull leaf, void *_Nonnull bytes, size_t count);

/// Names of the extended attributes of `leaf` in `node`, or of `node` itself without a leaf: each
/// with a NUL behind it. -ERANGE when `count` is too small. A leaf needs /proc.
int64_t snap_file_list_xattrs(
    int node, const char *_Nullable leaf, void *_Nonnull bytes, size_t count);

/// The value of an extended attribute, else as snap_file_list_xattrs.
int64_t snap_file_get_xattr(
    int node, const char *_Nullable leaf, const char *_Nonnull name, void *_Nonnull bytes,
    size_t count);

/// Reads the inode flags of an open file or folder.
int snap_file_get_flags(int node, uint32_t *_Nonnull flags);

/// Closes a descriptor.
void snap_file_close(int descriptor);

#endif
