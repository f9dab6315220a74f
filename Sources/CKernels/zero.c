// SPDX-License-Identifier: Apache-2.0

#include <string.h>

#include "CKernels.h"

bool snap_is_zero(const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  // Most data fail within the first words; the loop of 128 bytes is for true runs of zeros.
  for (; length >= 128; length -= 128, p += 128) {
    uint64_t words[16];
    memcpy(words, p, sizeof words);
    uint64_t any = 0;
    for (int i = 0; i < 16; i++) any |= words[i];
    if (any != 0) return false;
  }
  uint8_t any = 0;
  for (; length > 0; length--, p++) any |= *p;
  return any == 0;
}
