// SPDX-License-Identifier: Apache-2.0
// System calls of the local back-end. A negative result is always -errno.
#ifndef SNAP_CLINUX_STORAGE_H
#define SNAP_CLINUX_STORAGE_H

#include <stddef.h>
#include <stdint.h>

/// What a folder entry is.
enum snap_store_kind {
  SNAP_STORE_OTHER = 0,
  SNAP_STORE_FILE = 1,
  SNAP_STORE_FOLDER = 2,
  /// A symbolic link that leads to a folder; never followed, but worth an error.
  SNAP_STORE_LINKED_FOLDER = 3,
};

/// One entry of a folder; `name` lives until the next call on the same listing.
struct snap_store_entry {
  const char *_Nullable name;
  int64_t size;
  int64_t modified;  // ns since 1970
  int32_t kind;
};

/// Makes every missing folder of `path` (mode 0700) durably. Follows links: the path is the user's.
int snap_store_make_path(const char *_Nonnull path);

/// Opens the root of a repository. Follows links.
int snap_store_open_root(const char *_Nonnull path);

/// Opens the folder `path` below `root` ("" is the root itself) without following links
/// (-ELOOP when one is met); makes missing folders (0700) when `make` is not 0.
int snap_store_open_folder(int root, const char *_Nonnull path, int make);

/// Opens a regular file for reading; anything else is -ENOENT.
int snap_store_open_file(int folder, const char *_Nonnull leaf, int64_t *_Nonnull size);

/// Looks at an entry without following links.
int snap_store_look(
    int folder, const char *_Nonnull leaf, struct snap_store_entry *_Nonnull entry);

/// Makes a new file, mode 0600, open for writing; -EEXIST when the name is taken.
int snap_store_create(int folder, const char *_Nonnull leaf);

/// Writes everything; the result is 0 or -errno.
int snap_store_write_all(int file, const void *_Nullable bytes, size_t count);

/// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
int64_t snap_store_read_at(int file, void *_Nonnull bytes, size_t count, int64_t offset);

/// Length of an open file in bytes.
int64_t snap_store_length(int file);

/// Lets the kernel begin to write a file out, without waiting. Only a hint.
void snap_store_start_writeback(int file);

/// fsync of a file.
int snap_store_sync(int file);

/// fsync of a folder; file systems that cannot do it (-EINVAL and the like) count as done.
int snap_store_sync_folder(int folder);

/// Renames over whatever is there.
int snap_store_rename(
    int from_folder, const char *_Nonnull from, int to_folder, const char *_Nonnull to);

/// Renames only if `to` does not exist, else -EEXIST. `way` 0 begins with renameat2, 1 with
/// link and unlink, 2 with look and rename; each falls back to the next where unsupported.
int snap_store_rename_new(
    int from_folder, const char *_Nonnull from, int to_folder, const char *_Nonnull to, int way);

/// Removes a file.
int snap_store_remove(int folder, const char *_Nonnull leaf);

/// Bytes that an ordinary user can still write on the file system of `file`.
int64_t snap_store_room(int file);

/// Closes a descriptor.
void snap_store_close(int descriptor);

/// Begins to list an open folder and takes its descriptor over, also when it fails.
int snap_store_list_open(int folder, void *_Nullable *_Nonnull listing);

/// The next entry: 1, at the end 0. Entries that vanish meanwhile are passed over.
int snap_store_list_next(void *_Nonnull listing, struct snap_store_entry *_Nonnull entry);

/// Ends a listing.
void snap_store_list_close(void *_Nonnull listing);

/// English words for a positive errno value; lives for ever.
const char *_Nonnull snap_store_error_text(int error);

#endif
