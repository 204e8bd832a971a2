/* SPDX-License-Identifier: MIT
 * The thread that ends the process when nobody else does. */
#include "rule.h"

static const struct sandbox_rule rules[] = {
    {CALL(read), .reason = "the end is due at another time"},
    {CALL(alarm), .reason = "the end, where the log does not answer"},
};

const struct sandbox_table sandbox_overdue = TABLE("overdue", rules);
