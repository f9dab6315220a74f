// SPDX-License-Identifier: Apache-2.0

#include "scanner.h"

#include <stdlib.h>
#include <string.h>

bool snap_kernel_supported(int kernel) {
  switch (kernel) {
    case SNAP_KERNEL_PORTABLE:
      return true;
#if defined(__x86_64__)
    // The compiler's library asks cpuid, and xgetbv whether the system saves the registers.
    case SNAP_KERNEL_AESNI:
      return __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.1");
    case SNAP_KERNEL_VAES256:
      return __builtin_cpu_supports("aes") && __builtin_cpu_supports("avx2") &&
             __builtin_cpu_supports("vaes");
    case SNAP_KERNEL_VAES512:
      return __builtin_cpu_supports("aes") && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("vaes");
#endif
    default:
      return false;
  }
}

static snap_find *find_for(int kernel, bool encrypted) {
  if (!encrypted) return snap_find_gear;
  switch (kernel) {
#if defined(__x86_64__)
    case SNAP_KERNEL_AESNI:
      return snap_find_aesni;
    case SNAP_KERNEL_VAES256:
      return snap_find_vaes256;
    case SNAP_KERNEL_VAES512:
      return snap_find_vaes512;
#endif
    default:
      return snap_find_portable;
  }
}

/// Twice `a` in the field of AES.
static uint8_t doubled(uint8_t a) { return (uint8_t)((a << 1) ^ (a & 0x80 ? 0x1b : 0)); }

/// Fills the S-box and the table that joins it with the column mix.
static void make_tables(struct snap_scanner *scanner) {
  // 3 generates the field: the inverse of 3^i is 3^(255-i).
  uint8_t power[256];
  power[0] = 1;
  for (int i = 1; i < 256; i++) power[i] = (uint8_t)(doubled(power[i - 1]) ^ power[i - 1]);
  for (int i = -1; i < 255; i++) {
    unsigned value = i < 0 ? 0 : power[i];
    unsigned inverse = i < 0 ? 0 : power[255 - i];
    unsigned twice = inverse << 8 | inverse;
    unsigned box = (twice ^ twice >> 4 ^ twice >> 5 ^ twice >> 6 ^ twice >> 7) & 0xff;
    box ^= 0x63;
    uint32_t two = doubled((uint8_t)box);
    scanner->box[value] = (uint8_t)box;
    scanner->mix[value] = two | box << 8 | box << 16 | (two ^ box) << 24;
  }
}

static uint32_t load32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void expand_key(struct snap_scanner *scanner, const uint8_t *key) {
  uint8_t *out = &scanner->keys[0][0];
  memcpy(out, key, 16);
  uint8_t constant = 1;
  for (int i = 16; i < 176; i += 4) {
    uint8_t word[4];
    memcpy(word, out + i - 4, 4);
    if (i % 16 == 0) {
      uint8_t first = word[0];
      for (int j = 0; j < 3; j++) word[j] = scanner->box[word[j + 1]];
      word[3] = scanner->box[first];
      word[0] ^= constant;
      constant = doubled(constant);
    }
    for (int j = 0; j < 4; j++) out[i + j] = out[i + j - 16] ^ word[j];
  }
  for (int i = 0; i < 44; i++) scanner->words[i / 4][i % 4] = load32(out + 4 * i);
}

struct snap_scanner *snap_scanner_new(const uint8_t *gear, const uint8_t *aes,
                                      const struct snap_scan_settings *settings, int kernel) {
  const uint64_t limit = (uint64_t)1 << 56;
  if (!snap_kernel_supported(kernel) || settings->minimum < 64 ||
      settings->average < settings->minimum || settings->maximum < settings->average ||
      settings->strict == 0 || settings->strict > limit || settings->loose == 0 ||
      settings->loose > limit) {
    return NULL;
  }
  const size_t size = (sizeof(struct snap_scanner) + 63) / 64 * 64;
  struct snap_scanner *scanner = aligned_alloc(64, size);
  if (scanner == NULL) return NULL;
  memset(scanner, 0, size);
  for (int i = 0; i < 256; i++) {
    const uint8_t *p = gear + 8 * i;
    scanner->gear[i] = (uint64_t)load32(p) | (uint64_t)load32(p + 4) << 32;
  }
  make_tables(scanner);
  expand_key(scanner, aes);
  scanner->settings = *settings;
  scanner->find = find_for(kernel, settings->encrypted);
  return scanner;
}

void snap_scanner_free(struct snap_scanner *scanner) {
  if (scanner == NULL) return;
  memset(scanner, 0, sizeof *scanner);
  // Keeps the compiler from dropping a write that nobody reads.
  __asm__ volatile("" : : "r"(scanner) : "memory");
  free(scanner);
}

size_t snap_scan(const struct snap_scanner *scanner, const uint8_t *bytes, size_t length) {
  const struct snap_scan_settings *settings = &scanner->settings;
  const size_t end = length < settings->maximum ? length : settings->maximum;
  if (end <= settings->minimum) return end;
  // A sum reaches back 64 bytes; the first position that counts is `minimum`.
  uint64_t sum = snap_scan_gear(scanner, bytes, settings->minimum);
  const size_t middle = end < settings->average ? end : settings->average;
  size_t at = scanner->find(scanner, bytes, settings->minimum, middle, settings->strict, &sum);
  if (at < middle) return at + 1;
  if (middle == end) return end;
  at = scanner->find(scanner, bytes, middle, end, settings->loose, &sum);
  return at < end ? at + 1 : end;
}

uint64_t snap_scan_gear(const struct snap_scanner *scanner, const uint8_t *bytes, size_t length) {
  uint64_t sum = 0;
  for (size_t i = length > 64 ? length - 64 : 0; i < length; i++) {
    sum = snap_step(scanner->gear, sum, bytes[i]);
  }
  return sum;
}

size_t snap_find_gear(const struct snap_scanner *scanner, const uint8_t *bytes, size_t from,
                      size_t to, uint64_t threshold, uint64_t *sum) {
  const uint64_t *gear = scanner->gear;
  uint64_t f = *sum;
  for (size_t i = from; i < to; i++) {
    f = snap_step(gear, f, bytes[i]);
    if (f < threshold) return i;
  }
  *sum = f;
  return to;
}

static inline uint32_t left(uint32_t x, int n) { return x << n | x >> (32 - n); }

/// The first eight bytes of the encryption of `sum` and eight zeros.
///
/// Its time depends on the secrets through the cache; only processors without AES instructions
/// run it for every byte. The key protects nothing but the places of the cuts.
static uint64_t encrypt(const struct snap_scanner *scanner, uint64_t sum) {
  const uint32_t *mix = scanner->mix;
  const uint8_t *box = scanner->box;
  uint32_t s[4] = {(uint32_t)sum ^ scanner->words[0][0],
                   (uint32_t)(sum >> 32) ^ scanner->words[0][1], scanner->words[0][2],
                   scanner->words[0][3]};
  for (int round = 1; round < 10; round++) {
    uint32_t t[4];
    for (int c = 0; c < 4; c++) {
      t[c] = mix[s[c] & 0xff] ^ left(mix[s[(c + 1) & 3] >> 8 & 0xff], 8) ^
             left(mix[s[(c + 2) & 3] >> 16 & 0xff], 16) ^ left(mix[s[(c + 3) & 3] >> 24], 24) ^
             scanner->words[round][c];
    }
    memcpy(s, t, sizeof s);
  }
  uint64_t out = 0;
  for (int c = 1; c >= 0; c--) {
    uint32_t column = (uint32_t)box[s[c] & 0xff] | (uint32_t)box[s[c + 1] >> 8 & 0xff] << 8 |
                      (uint32_t)box[s[c + 2] >> 16 & 0xff] << 16 |
                      (uint32_t)box[s[(c + 3) & 3] >> 24] << 24;
    out = out << 32 | (column ^ scanner->words[10][c]);
  }
  return out;
}

uint64_t snap_scan_value(const struct snap_scanner *scanner, uint64_t gear) {
  return scanner->settings.encrypted ? encrypt(scanner, gear) : gear;
}

size_t snap_find_portable(const struct snap_scanner *scanner, const uint8_t *bytes, size_t from,
                          size_t to, uint64_t threshold, uint64_t *sum) {
  uint64_t f = *sum;
  for (size_t i = from; i < to; i++) {
    f = snap_step(scanner->gear, f, bytes[i]);
    if (encrypt(scanner, f) < threshold) return i;
  }
  *sum = f;
  return to;
}
