// SPDX-License-Identifier: Apache-2.0

#include <pthread.h>
#include <string.h>

#include "CKernels.h"

/// The Castagnoli polynomial, lowest power in the highest bit.
static const uint32_t polynomial = 0x82f63b78;

/// tables[k][b]: what the byte b does to the sum when k more bytes follow it.
static uint32_t tables[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_tables(void) {
  for (uint32_t b = 0; b < 256; b++) {
    uint32_t sum = b;
    for (int i = 0; i < 8; i++) sum = sum >> 1 ^ (sum & 1 ? polynomial : 0);
    tables[0][b] = sum;
  }
  for (int k = 1; k < 8; k++) {
    for (int b = 0; b < 256; b++) {
      const uint32_t sum = tables[k - 1][b];
      tables[k][b] = sum >> 8 ^ tables[0][sum & 0xff];
    }
  }
}

uint32_t snap_crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
  pthread_once(&once, make_tables);
  const uint8_t *p = bytes;
  uint32_t sum = ~crc;
  for (; length >= 8; length -= 8, p += 8) {
    sum = tables[7][(sum & 0xff) ^ p[0]] ^ tables[6][(sum >> 8 & 0xff) ^ p[1]] ^
          tables[5][(sum >> 16 & 0xff) ^ p[2]] ^ tables[4][(sum >> 24) ^ p[3]] ^ tables[3][p[4]] ^
          tables[2][p[5]] ^ tables[1][p[6]] ^ tables[0][p[7]];
  }
  for (; length > 0; length--, p++) sum = sum >> 8 ^ tables[0][(sum & 0xff) ^ *p];
  return ~sum;
}

#if defined(__x86_64__)

#include <immintrin.h>

#define CRC_TARGET __attribute__((target("sse4.2,pclmul")))

/// Bytes of each of three streams, and the factors that carry a sum past one and two of them:
/// x^(8n - 33) and x^(16n - 33). The instruction supplies x^32, the reflected product x.
struct stride {
  size_t bytes;
  uint32_t one;
  uint32_t two;
};
static const struct stride strides[] = {
    {4096, 0x82f89c77, 0x54a86326},
    {256, 0xb9e02b86, 0xdd7e3b0c},
};

static inline uint64_t load64(const uint8_t *p) {
  uint64_t value;
  memcpy(&value, p, 8);
  return value;
}

CRC_TARGET static inline uint32_t carried(uint64_t sum, uint32_t factor) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)sum), _mm_cvtsi32_si128((int)factor), 0);
  return (uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

CRC_TARGET static uint32_t accelerated(uint32_t crc, const uint8_t *p, size_t length) {
  uint64_t a = (uint32_t)~crc;
  for (size_t s = 0; s < sizeof strides / sizeof strides[0]; s++) {
    const size_t n = strides[s].bytes;
    // The instruction takes three cycles but starts every cycle: three streams keep it busy.
    for (; length >= 3 * n; length -= 3 * n, p += 3 * n) {
      uint64_t b = 0;
      uint64_t c = 0;
      for (size_t i = 0; i < n; i += 8) {
        a = _mm_crc32_u64(a, load64(p + i));
        b = _mm_crc32_u64(b, load64(p + n + i));
        c = _mm_crc32_u64(c, load64(p + 2 * n + i));
      }
      a = carried(a, strides[s].two) ^ carried(b, strides[s].one) ^ c;
    }
  }
  for (; length >= 8; length -= 8, p += 8) a = _mm_crc32_u64(a, load64(p));
  uint32_t sum = (uint32_t)a;
  for (; length > 0; length--, p++) sum = _mm_crc32_u8(sum, *p);
  return ~sum;
}

bool snap_crc32c_accelerated(void) {
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

uint32_t snap_crc32c(uint32_t crc, const void *bytes, size_t length) {
  return snap_crc32c_accelerated() ? accelerated(crc, bytes, length)
                                   : snap_crc32c_portable(crc, bytes, length);
}

#else

bool snap_crc32c_accelerated(void) { return false; }

uint32_t snap_crc32c(uint32_t crc, const void *bytes, size_t length) {
  return snap_crc32c_portable(crc, bytes, length);
}

#endif
