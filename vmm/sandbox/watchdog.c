/* SPDX-License-Identifier: MIT
 * The thread that tells a supervisor whether the others get on. */
#include "rule.h"

#include <fcntl.h>

static const struct sandbox_rule rules[] = {
    {CALL(openat), .conditions = {IS(2, O_RDONLY | O_CLOEXEC)},
     .reason = "what a thread that has not come on is doing"},
    {CALL(getdents64), .reason = "the same: which threads there are"},
    {CALL(pread64), .reason = "the same"},
    {CALL(close), .reason = "the same"},
};

const struct sandbox_table sandbox_watchdog = TABLE("watchdog", rules);
