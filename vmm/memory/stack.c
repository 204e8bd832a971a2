/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include <stdint.h>
#include <sys/mman.h>

/* Log lines, the instruction decoder and a signal's frame need some 16 KiB at most. */
#define DEPTH (64u << 10)
#define PAGE  4096u

__attribute__((noinline)) void stack_set_aside(void)
{
    volatile uint8_t room[DEPTH];

    for (uint32_t at = 0; at < DEPTH; at += PAGE)
        room[at] = 0;
    mlock((const void *)room, DEPTH); /* present all the same where it is not permitted */
}
