// SPDX-License-Identifier: Apache-2.0

#if defined(__x86_64__)

#include <immintrin.h>

#include "scan_ahead.h"

#define SNAP_TARGET __attribute__((target("aes,sse4.1")))
#define SNAP_FIND snap_find_aesni

/// Eight positions at a time, one in each register.
SNAP_TARGET SNAP_INLINE bool any_of_32(const struct snap_scanner *scanner, const uint64_t *sums,
                                       uint32_t limit, struct ahead *ahead, bool more) {
  const __m128i *keys = (const __m128i *)scanner->keys;
  __m128i least = _mm_set1_epi32(-1);
  SNAP_UNROLL for (int i = 0; i < 32; i += 8) {
    __m128i s[8];
    SNAP_UNROLL for (int j = 0; j < 8; j++) {
      s[j] = _mm_xor_si128(_mm_loadl_epi64((const __m128i *)(sums + i + j)), keys[0]);
    }
    SNAP_UNROLL for (int round = 1; round < 10; round++) {
      SNAP_UNROLL for (int j = 0; j < 8; j++) s[j] = _mm_aesenc_si128(s[j], keys[round]);
      if (more && round < 9) step(ahead);
    }
    SNAP_UNROLL for (int j = 0; j < 8; j++) {
      least = _mm_min_epu32(least, _mm_aesenclast_si128(s[j], keys[10]));
    }
  }
  return (uint32_t)_mm_extract_epi32(least, 1) <= limit;
}

#include "scan_blocks.h"

#endif
