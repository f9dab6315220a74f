// SPDX-License-Identifier: Apache-2.0

// What the forms of the chunk scan share. Not for Swift.

#ifndef SNAP_SCANNER_H
#define SNAP_SCANNER_H

#include "CKernels.h"

/// Looks at the positions `from` ..< `to` of `bytes` and returns the first whose value is below
/// `threshold`, or `to`. `sum` holds the gear sum at `from` - 1, and at `to` - 1 after a return of
/// `to`. Reads no byte outside `from` ..< `to`.
typedef size_t snap_find(const struct snap_scanner *scanner, const uint8_t *bytes, size_t from,
                         size_t to, uint64_t threshold, uint64_t *sum);

struct snap_scanner {
  /// The eleven round keys.
  _Alignas(64) uint8_t keys[11][16];
  /// The gear table.
  uint64_t gear[256];
  /// The portable cipher: the round keys as words; S-box with its column mix; S-box.
  uint32_t words[11][4];
  uint32_t mix[256];
  uint8_t box[256];
  struct snap_scan_settings settings;
  snap_find *find;
};

/// One step of the gear sum.
///
/// The empty `asm` pins the table word in a register: without it LLVM folds the load into the
/// addition and the loop carries two cycles a byte instead of one.
static inline __attribute__((always_inline)) uint64_t snap_step(const uint64_t *gear, uint64_t sum,
                                                                uint8_t byte) {
  uint64_t word = gear[byte];
  __asm__("" : "+r"(word));
  return sum + sum + word;
}

snap_find snap_find_gear;
snap_find snap_find_portable;
#if defined(__x86_64__)
snap_find snap_find_aesni;
snap_find snap_find_vaes256;
snap_find snap_find_vaes512;
#endif

#endif
