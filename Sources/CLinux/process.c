// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "process.h"

#include <malloc.h>
#include <sys/prctl.h>

void snap_process_prepare(void) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // Buffers of some megabytes would be mapped and unmapped each time: zeroing them costs more than
  // filling them. Packs are larger, are pooled by their owner, and go back to the system.
  mallopt(M_MMAP_THRESHOLD, 24 << 20);
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
  // Few threads, few arenas: memory freed by one is used by the next.
  mallopt(M_ARENA_MAX, 2);
}
