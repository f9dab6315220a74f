// SPDX-License-Identifier: Apache-2.0

#if defined(__x86_64__)

#include <immintrin.h>

#include "scan_ahead.h"

#define SNAP_TARGET __attribute__((target("aes,vaes,avx2")))
#define SNAP_FIND snap_find_vaes256

/// Sixteen positions at a time, two in each register.
SNAP_TARGET SNAP_INLINE bool any_of_32(const struct snap_scanner *scanner, const uint64_t *sums,
                                       uint32_t limit, struct ahead *ahead, bool more) {
  __m256i keys[11];
  SNAP_UNROLL for (int i = 0; i < 11; i++) {
    keys[i] = _mm256_broadcastsi128_si256(*(const __m128i *)scanner->keys[i]);
  }
  const __m256i low = _mm256_unpacklo_epi64(keys[0], keys[0]);
  const __m256i high = _mm256_unpackhi_epi64(keys[0], keys[0]);
  __m256i least = _mm256_set1_epi32(-1);
  SNAP_UNROLL for (int i = 0; i < 32; i += 16) {
    __m256i s[8];
    SNAP_UNROLL for (int j = 0; j < 4; j++) {
      // The order of the positions does not matter here.
      __m256i four = _mm256_load_si256((const __m256i *)(sums + i + 4 * j));
      four = _mm256_xor_si256(four, low);
      s[2 * j] = _mm256_unpacklo_epi64(four, high);
      s[2 * j + 1] = _mm256_unpackhi_epi64(four, high);
    }
    SNAP_UNROLL for (int round = 1; round < 10; round++) {
      SNAP_UNROLL for (int j = 0; j < 8; j++) {
        s[j] = _mm256_aesenc_epi128(s[j], keys[round]);
        if (more && round < 9 && j % 4 == 3) step(ahead);
      }
    }
    SNAP_UNROLL for (int j = 0; j < 8; j++) {
      least = _mm256_min_epu32(least, _mm256_aesenclast_epi128(s[j], keys[10]));
    }
  }
  const __m256i bound = _mm256_set1_epi32((int)limit);
  const __m256i below = _mm256_cmpeq_epi32(_mm256_min_epu32(least, bound), least);
  // Bytes 4 to 7 of either half belong to the upper half of a value.
  return (_mm256_movemask_epi8(below) & 0x00f000f0) != 0;
}

#include "scan_blocks.h"

#endif
