/* SPDX-License-Identifier: MIT
 * The clock's registers, and the second 8259, at which its interrupt arrives. */
#ifndef HOLDFAST_TESTS_CMOS_H
#define HOLDFAST_TESTS_CMOS_H

#include "ports.h"

#include <stdbool.h>

#define CMOS_INDEX 0x70u
#define CMOS_DATA  0x71u
#define STATUS_A   10u
#define STATUS_B   11u
#define STATUS_C   12u

#define SECOND_PIC      0xa0u
#define SECOND_PIC_MASK 0xa1u
#define SECOND_PIC_POLL 0x0cu

static inline uint8_t get(uint8_t index)
{
    out8(CMOS_INDEX, index);
    return in8(CMOS_DATA);
}

static inline void set(uint8_t index, uint8_t value)
{
    out8(CMOS_INDEX, index);
    out8(CMOS_DATA, value);
}

/* Whether the second 8259 requests an interrupt for this line, the first of those that are not
 * masked. Takes the request of an edge. Line 7 cannot be told from none, for KVM of Linux 6.1
 * leaves bit 7 of the answer, which says that there is one, clear in any case. */
static inline bool second_pic_requests(uint8_t line)
{
    out8(SECOND_PIC, SECOND_PIC_POLL);
    return (in8(SECOND_PIC) & 7) == line;
}

#endif
