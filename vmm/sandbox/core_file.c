/* SPDX-License-Identifier: MIT
 * The thread that writes a core file for libvirt. */
#include "rule.h"

#include <sys/mman.h>

static const struct sandbox_rule rules[] = {
    {CALL(pread64), .reason = "RAM, by its descriptor"},
    {CALL(brk), .reason = "malloc(3)"},
    {CALL(mmap),
     .conditions = {IS_NULL(0), IS_LONG(2, PROT_READ | PROT_WRITE),
                    IS_LONG(3, MAP_PRIVATE | MAP_ANONYMOUS)},
     .reason = "the same"},
    {CALL(munmap), .place = OUTSIDE_ARENA, .reason = "the same"},
};

const struct sandbox_table sandbox_core_file = TABLE("core file", rules);
