// SPDX-License-Identifier: Apache-2.0

// The loop around the vector kernels. A file includes scan_ahead.h, defines
//   SNAP_TARGET  the attribute that permits the instructions,
//   SNAP_FIND    the name of the `snap_find` to make,
//   any_of_32    (below),
// and then includes this.

#include "scan_ahead.h"

enum { GROUP = 32, BLOCK = 4 * GROUP };

/// The first of `count` sums whose value is below `threshold`, or `count`.
static __attribute__((noinline)) size_t first_below(const struct snap_scanner *scanner,
                                                    const uint64_t *sums, size_t count,
                                                    uint64_t threshold) {
  size_t i = 0;
  while (i < count && snap_scan_value(scanner, sums[i]) >= threshold) i++;
  return i;
}

SNAP_TARGET size_t SNAP_FIND(const struct snap_scanner *scanner, const uint8_t *bytes, size_t from,
                             size_t to, uint64_t threshold, uint64_t *sum) {
  // Sums run one block ahead of the cipher: the two overlap, and a wide load never meets narrow
  // stores that are still in flight.
  _Alignas(64) uint64_t sums[2][BLOCK] = {{0}};
  const uint32_t limit = (uint32_t)((threshold - 1) >> 32);
  size_t count = to - from < BLOCK ? to - from : BLOCK;
  struct ahead ahead = {scanner->gear, bytes + from, sums[0], *sum};
  steps(&ahead, count);
  for (int now = 0; from < to; now ^= 1) {
    const size_t next = from + count;
    const size_t coming = to - next < BLOCK ? to - next : BLOCK;
    ahead.out = sums[now ^ 1];
    if (coming < BLOCK) steps(&ahead, coming);
    for (size_t i = 0; i < count; i += GROUP) {
      const bool any = coming == BLOCK ? any_of_32(scanner, sums[now] + i, limit, &ahead, true)
                                       : any_of_32(scanner, sums[now] + i, limit, &ahead, false);
      if (any) {
        // Sums past `count` are old ones and do not count.
        const size_t rest = count - i < GROUP ? count - i : GROUP;
        const size_t at = first_below(scanner, sums[now] + i, rest, threshold);
        if (at < rest) return from + i + at;
      }
    }
    from = next;
    count = coming;
  }
  *sum = ahead.sum;
  return to;
}
