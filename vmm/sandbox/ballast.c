/* SPDX-License-Identifier: MIT
 * The thread that takes ballast again which was lent. */
#include "newer_names.h"
#include "rule.h"

#include <fcntl.h>
#include <sys/mman.h>

static const struct sandbox_rule rules[] = {
    {CALL(madvise), .conditions = {IS(2, MADV_POPULATE_WRITE)}, .place = INSIDE_BALLAST,
     .reason = "takes ballast"},
    {CALL(mlock2), .conditions = {IS(2, MLOCK_ONFAULT)}, .place = INSIDE_BALLAST,
     .reason = "the same"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED)}, .place = INSIDE_BALLAST,
     .reason = "gives back what is too much"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED_LOCKED)}, .place = INSIDE_BALLAST,
     .reason = "the same, where it is locked"},
    {CALL(openat), .conditions = {IS(2, O_RDONLY | O_CLOEXEC)},
     .reason = "what the host and the memory cgroups have left"},
    {CALL(access), .reason = "the same"},
    {CALL(pread64), .reason = "the same"},
    {CALL(close), .reason = "the same"},
};

const struct sandbox_table sandbox_ballast = TABLE("ballast", rules);
