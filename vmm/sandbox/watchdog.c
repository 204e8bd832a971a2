/* SPDX-License-Identifier: MIT
 * The thread that tells a supervisor whether the others get on. */
#include "newer_names.h"
#include "rule.h"

#include <fcntl.h>
#include <sys/mman.h>

static const struct sandbox_rule rules[] = {
    {CALL(openat), .conditions = {IS(2, O_RDONLY | O_CLOEXEC)},
     .reason = "what a thread that has not come on is doing"},
    {CALL(getdents64), .reason = "the same: which threads there are"},
    {CALL(pread64), .reason = "the same"},
    {CALL(close), .reason = "the same"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED_LOCKED)}, .place = OUTSIDE_ARENA,
     .reason = "a beat takes memory of the kernel's: gives back some that was set aside"},
    {CALL(madvise), .conditions = {IS(2, MADV_POPULATE_WRITE)}, .place = OUTSIDE_ARENA,
     .reason = "and takes it again"},
};

const struct sandbox_table sandbox_watchdog = TABLE("watchdog", rules);
