// SPDX-License-Identifier: Apache-2.0

#if defined(__x86_64__)

#include <immintrin.h>

#include "scan_ahead.h"

#define SNAP_TARGET __attribute__((target("aes,vaes,avx512f,avx512bw")))
#define SNAP_FIND snap_find_vaes512

/// Joins four registers so that one last round does for all.
///
/// Only column 1 of the result (bytes 4 to 7) counts, and the last round makes it of bytes 4, 9,
/// 14 and 3. Turned by 4·r bytes, these four bytes of register r make column 1 + r instead.
SNAP_TARGET SNAP_INLINE __m512i joined(const __m512i *s) {
  const __m512i turn1 = _mm512_broadcast_i32x4(
      _mm_setr_epi8(12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  const __m512i turn2 = _mm512_broadcast_i32x4(
      _mm_setr_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  const __m512i turn3 = _mm512_broadcast_i32x4(
      _mm_setr_epi8(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3));
  uint64_t mask1 = 0x2184218421842184;
  uint64_t mask2 = 0x1842184218421842;
  uint64_t mask3 = 0x8421842184218421;
  // Hidden from LLVM, which would replace each masked shuffle by two shuffles and an or.
  __asm__("" : "+r"(mask1), "+r"(mask2), "+r"(mask3));
  __m512i out = _mm512_mask_shuffle_epi8(s[0], mask1, s[1], turn1);
  out = _mm512_mask_shuffle_epi8(out, mask2, s[2], turn2);
  return _mm512_mask_shuffle_epi8(out, mask3, s[3], turn3);
}

/// All 32 positions at once, four in each register.
SNAP_TARGET SNAP_INLINE bool any_of_32(const struct snap_scanner *scanner, const uint64_t *sums,
                                       uint32_t limit, struct ahead *ahead, bool more) {
  __m512i keys[10];
  SNAP_UNROLL for (int i = 0; i < 10; i++) {
    keys[i] = _mm512_broadcast_i32x4(*(const __m128i *)scanner->keys[i]);
  }
  const __m512i low = _mm512_unpacklo_epi64(keys[0], keys[0]);
  const __m512i high = _mm512_unpackhi_epi64(keys[0], keys[0]);
  const __m512i last = _mm512_set1_epi32((int)scanner->words[10][1]);
  const __m512i bound = _mm512_set1_epi32((int)limit);
  __m512i s[8];
  SNAP_UNROLL for (int j = 0; j < 4; j++) {
    // The order of the positions does not matter here.
    const __m512i eight = _mm512_xor_si512(_mm512_load_si512(sums + 8 * j), low);
    s[2 * j] = _mm512_unpacklo_epi64(eight, high);
    s[2 * j + 1] = _mm512_unpackhi_epi64(eight, high);
  }
  SNAP_UNROLL for (int round = 1; round < 10; round++) {
    SNAP_UNROLL for (int j = 0; j < 8; j++) {
      s[j] = _mm512_aesenc_epi128(s[j], keys[round]);
      if (more && round < 9 && j % 2 == 1) step(ahead);
    }
  }
  const __m512i a = _mm512_aesenclast_epi128(joined(s), last);
  const __m512i b = _mm512_aesenclast_epi128(joined(s + 4), last);
  return _mm512_cmple_epu32_mask(_mm512_min_epu32(a, b), bound) != 0;
}

#include "scan_blocks.h"

#endif
