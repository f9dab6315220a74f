// SPDX-License-Identifier: Apache-2.0

// The gear sums that a vector kernel computes between its cipher rounds, for the block after the
// one it looks at: the integer and the vector units work side by side. A kernel is
//
//   bool any_of_32(scanner, sums, limit, ahead, bool more)
//
// which says whether one of the 32 sums encrypts to a value whose upper half is at most `limit`,
// and with `more` makes the next 32 sums.

#ifndef SNAP_SCAN_AHEAD_H
#define SNAP_SCAN_AHEAD_H

#include "scanner.h"

#define SNAP_INLINE static inline __attribute__((always_inline))
#define SNAP_UNROLL _Pragma("clang loop unroll(full)")

/// Where the next gear sum comes from and goes to.
struct ahead {
  const uint64_t *gear;
  const uint8_t *bytes;
  uint64_t *out;
  uint64_t sum;
};

/// Makes one sum.
SNAP_INLINE void step(struct ahead *ahead) {
  ahead->sum = snap_step(ahead->gear, ahead->sum, *ahead->bytes++);
  *ahead->out++ = ahead->sum;
}

/// Makes `count` sums.
SNAP_INLINE void steps(struct ahead *ahead, size_t count) {
  for (size_t i = 0; i < count; i++) step(ahead);
}

#endif
