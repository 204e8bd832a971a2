/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include <errno.h>
#include <stddef.h>
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
    /* The C library has put the thread's own variables at the stack's end. */
    const uintptr_t above = (uintptr_t)&errno - (uintptr_t)room;
    const size_t bytes = above < 2 * (size_t)DEPTH ? above + sizeof errno : DEPTH;
    mlock((const void *)room, bytes); /* present all the same where it is not permitted */
}
