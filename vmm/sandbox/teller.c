/* SPDX-License-Identifier: MIT
 * The thread that tells of calls which wait for memory, and why. */
#include "rule.h"

#include <fcntl.h>

static const struct sandbox_rule rules[] = {
    {CALL(openat), .conditions = {IS(2, O_RDONLY | O_CLOEXEC)},
     .reason = "which limit was met, where its file is not open already"},
    {CALL(access), .reason = "the same"},
    {CALL(pread64), .reason = "the same"},
    {CALL(close), .reason = "the same"},
};

const struct sandbox_table sandbox_teller = TABLE("teller", rules);
