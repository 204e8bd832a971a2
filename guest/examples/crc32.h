/* SPDX-License-Identifier: MIT
 * CRC-32 as in zlib, gzip and PNG, eight bytes at a time. */
#ifndef HOLDFAST_EXAMPLE_CRC32_H
#define HOLDFAST_EXAMPLE_CRC32_H

#include <stddef.h>
#include <stdint.h>

struct crc32 {
    uint32_t table[8][256];
    uint32_t state;
};

static inline void crc32_start(struct crc32 *crc)
{
    crc->state = 0xffffffff;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ ((value & 1) != 0 ? 0xedb88320 : 0);
        crc->table[0][i] = value;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int step = 1; step < 8; step++)
            crc->table[step][i] =
                crc->table[step - 1][i] >> 8 ^ crc->table[0][crc->table[step - 1][i] & 0xff];
}

static inline void crc32_add(struct crc32 *crc, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    uint32_t state = crc->state;

    for (; count >= 8; count -= 8, at += 8) {
        uint64_t word;
        __builtin_memcpy(&word, at, 8);
        word ^= state;
        state = 0;
        for (int i = 0; i < 8; i++)
            state ^= crc->table[7 - i][word >> 8 * i & 0xff];
    }
    for (; count > 0; count--, at++)
        state = state >> 8 ^ crc->table[0][(state ^ *at) & 0xff];
    crc->state = state;
}

static inline uint32_t crc32_result(const struct crc32 *crc)
{
    return ~crc->state;
}

#endif
