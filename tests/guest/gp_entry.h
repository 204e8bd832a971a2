/* SPDX-License-Identifier: MIT
 * A #GP handler of the guest's own in place of nano's. */
#ifndef HOLDFAST_TESTS_GP_ENTRY_H
#define HOLDFAST_TESTS_GP_ENTRY_H

#include "nano.h"

struct __attribute__((packed)) gp_table {
    uint16_t limit;
    uint64_t base;
};

/* From now on #GP of this CPU goes to this entry, in ring 0, on a stack of its own. */
static inline void gp_goes_to(void (*entry)(void))
{
    struct gp_table table;
    uint16_t selector;
    const uint64_t target = (uintptr_t)entry;

    __asm__ volatile("sgdt %0; str %1" : "=m"(table), "=r"(selector));
    uint64_t *descriptor = (uint64_t *)(table.base + selector);
    const uint64_t tss =
        (descriptor[0] >> 16 & 0xffffff) | (descriptor[0] >> 56) << 24 | descriptor[1] << 32;
    const uint64_t stack = (uintptr_t)nano_pages(4) + 4 * 4096;
    memcpy((void *)(tss + 36), &stack, sizeof stack);
    __asm__ volatile("sidt %0" : "=m"(table));
    uint64_t *gate = (uint64_t *)(table.base + 13 * 16);
    gate[0] =
        (target & 0xffff) | 8ull << 16 | 1ull << 32 | 0x8eull << 40 | (target >> 16 & 0xffff) << 48;
    gate[1] = target >> 32;
}

#endif
