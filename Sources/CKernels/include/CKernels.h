// SPDX-License-Identifier: Apache-2.0

// The loops that need vector instructions: the chunk scan, CRC-32C and the test for zeros.
// Every loop has a portable form; all forms give the same results. Nothing here allocates after
// `snap_scanner_new`, takes a lock or keeps global state that callers can see.

#ifndef SNAP_CKERNELS_H
#define SNAP_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The forms of the chunk scan.
enum snap_kernel {
  SNAP_KERNEL_PORTABLE = 0,
  SNAP_KERNEL_AESNI = 1,
  SNAP_KERNEL_VAES256 = 2,
  SNAP_KERNEL_VAES512 = 3,
};

/// Whether this processor and its operating system can run the form `kernel`.
bool snap_kernel_supported(int kernel);

/// What a scan looks for. Sizes are bytes.
struct snap_scan_settings {
  /// No chunk that another one follows is as short as this; 64 or more.
  size_t minimum;
  /// Up to this length `strict` decides, beyond it `loose`.
  size_t average;
  /// No chunk is longer.
  size_t maximum;
  /// A value below it ends a chunk; both at most 2^56.
  uint64_t strict;
  uint64_t loose;
  /// false: the gear sum is the value; true: its AES-128 encryption is.
  bool encrypted;
};

/// Secrets and settings of a scan; never changes, so threads may share it.
struct snap_scanner;

/// A scanner with the table of 256 little-endian words at `gear` (2,048 bytes) and the AES-128
/// key at `aes` (16 bytes). Null if memory is short, `kernel` cannot run here, or the settings
/// are out of bounds. Free it with `snap_scanner_free`.
struct snap_scanner *snap_scanner_new(const uint8_t *gear, const uint8_t *aes,
                                      const struct snap_scan_settings *settings, int kernel);

/// Overwrites the secrets and frees the memory; null is fine.
void snap_scanner_free(struct snap_scanner *scanner);

/// The length of the chunk that begins at `bytes`, of which `length` are there: `maximum` or
/// more, or all that are left of the file.
size_t snap_scan(const struct snap_scanner *scanner, const uint8_t *bytes, size_t length);

/// The gear sum of the last 64 (or fewer) of the `length` bytes at `bytes`.
uint64_t snap_scan_gear(const struct snap_scanner *scanner, const uint8_t *bytes, size_t length);

/// The value that is compared with a threshold where the gear sum is `gear`.
uint64_t snap_scan_value(const struct snap_scanner *scanner, uint64_t gear);

/// CRC-32C (Castagnoli) of the `length` bytes at `bytes`; `crc` is that of the bytes before, or 0.
uint32_t snap_crc32c(uint32_t crc, const void *bytes, size_t length);

/// The same, always by tables: the form for processors without the instruction.
uint32_t snap_crc32c_portable(uint32_t crc, const void *bytes, size_t length);

/// Whether `snap_crc32c` uses the processor's instruction here.
bool snap_crc32c_accelerated(void);

/// Whether all of the `length` bytes at `bytes` are zero.
bool snap_is_zero(const void *bytes, size_t length);

#endif
