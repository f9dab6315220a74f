// SPDX-License-Identifier: Apache-2.0
// System calls of the write side of restore. A negative result is always -errno.
// Folders are descriptors, leaves are single names; no call here follows a symbolic link in the
// target. `bare` says that a descriptor was opened with O_PATH.
#ifndef SNAP_CLINUX_WRITEBACK_H
#define SNAP_CLINUX_WRITEBACK_H

#include <stddef.h>
#include <stdint.h>

/// What lstat tells of a node.
struct snap_out_status {
  uint32_t mode, uid, gid, links;
  uint64_t size, inode, device;
  int64_t seconds;
  uint32_t nanoseconds, rdev_major, rdev_minor;
};

/// Opens the target itself, following links: the path is the user's. Makes what is missing
/// (parents as the umask says). `made`: -1 if it existed, else the mode that the umask gives,
/// while the folder itself gets 0700.
int snap_out_open_target(const char *_Nonnull path, int *_Nonnull made);

/// Opens a folder below `folder` for reading (O_PATH where reading is not permitted).
/// -ELOOP or -ENOTDIR where a link is met. `path` is relative, shorter than PATH_MAX and holds no
/// dots. `stepwise` walks it name by name, as kernels without openat2 must.
int snap_out_open_folder(int folder, const char *_Nonnull path, int stepwise);

/// Opens whatever has this name: a folder for reading if `as_folder` and reading is permitted,
/// else with O_PATH, which `bare` tells.
int snap_out_open_node(
    int folder, const char *_Nonnull leaf, int as_folder, int *_Nonnull bare);

/// Opens a regular file for reading: -EEXIST when the name is anything else.
int snap_out_open_file(int folder, const char *_Nonnull leaf);

/// Makes a new file, mode 0600, open for writing; -EEXIST when the name is taken.
int snap_out_create(int folder, const char *_Nonnull leaf);

/// Makes a folder, mode 0700.
int snap_out_make_folder(int folder, const char *_Nonnull leaf);

/// Makes a FIFO or device, mode 0600; `type` is the type bits of st_mode.
int snap_out_make_node(
    int folder, const char *_Nonnull leaf, uint32_t type, uint32_t major, uint32_t minor);

/// Makes a symbolic link.
int snap_out_make_link(int folder, const char *_Nonnull leaf, const char *_Nonnull target);

/// Makes a hard link, of a symbolic link itself if `from` is one.
int snap_out_hard_link(
    int from_folder, const char *_Nonnull from, int to_folder, const char *_Nonnull to);

/// Reads a symbolic link; the result is its length, at most `count`.
int64_t snap_out_read_link(
    int folder, const char *_Nonnull leaf, void *_Nonnull bytes, size_t count);

/// Removes anything but a folder.
int snap_out_remove(int folder, const char *_Nonnull leaf);

/// Gives a file another name in its folder, only if that is free, else -EEXIST. `plain` does not
/// try renameat2.
int snap_out_rename_new(
    int folder, const char *_Nonnull from, const char *_Nonnull to, int plain);

/// Gives a file another name in its folder, over whatever is there.
int snap_out_rename_over(int folder, const char *_Nonnull from, const char *_Nonnull to);

/// lstat of a name.
int snap_out_look(int folder, const char *_Nonnull leaf, struct snap_out_status *_Nonnull status);

/// fstat.
int snap_out_status_of(int node, struct snap_out_status *_Nonnull status);

/// Writes everything at `offset`.
int snap_out_write(int file, const void *_Nullable bytes, size_t count, uint64_t offset);

/// Reads until `count` bytes or the end of the file.
int64_t snap_out_read(int file, void *_Nonnull bytes, size_t count, uint64_t offset);

/// Sets the length.
int snap_out_truncate(int file, uint64_t size);

/// Sets the owners; UINT32_MAX leaves one alone.
int snap_out_chown(int node, uint32_t uid, uint32_t gid);

/// Sets the permission bits; never for a symbolic link.
int snap_out_chmod(int node, int bare, uint32_t mode);

/// Sets the time of last change and leaves that of last access alone.
int snap_out_set_time(int node, int bare, int64_t seconds, uint32_t nanoseconds);

/// Sets an extended attribute.
int snap_out_set_xattr(
    int node, int bare, const char *_Nonnull name, const void *_Nullable value, size_t count);

/// Removes an extended attribute: 1 if it was there, 0 if not.
int snap_out_remove_xattr(int node, int bare, const char *_Nonnull name);

/// Says whether new files in this folder get an access control list: 1 or 0.
int snap_out_passes_acl_on(int folder);

/// Reads the inode flags.
int snap_out_get_flags(int node, uint32_t *_Nonnull flags);

/// Sets the inode flags.
int snap_out_set_flags(int node, uint32_t flags);

/// Opens what a bare descriptor stands for for reading, needs /proc.
int snap_out_reopen(int node);

/// Bytes that an ordinary user can still write on the file system of `node`.
int64_t snap_out_room(int node);

/// Writes the whole file system of `node` to the disk and reports errors since it was opened.
int snap_out_sync_all(int node);

/// fsync; file systems that cannot do it for a folder count as done.
int snap_out_sync(int node);

/// The effective user.
uint32_t snap_out_user(void);

/// Closes a descriptor.
void snap_out_close(int descriptor);

/// Begins to list an open folder, whose descriptor stays the caller's.
int snap_out_list_open(int folder, void *_Nullable *_Nonnull listing);

/// The next name but "." and "..": 1, at the end 0; `type` is st_mode's type bits or 0 for unknown.
/// The name lives until the next call.
int snap_out_list_next(
    void *_Nonnull listing, const char *_Nullable *_Nonnull name, uint32_t *_Nonnull type);

/// Ends a listing.
void snap_out_list_close(void *_Nonnull listing);

#endif
