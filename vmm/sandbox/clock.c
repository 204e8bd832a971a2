/* SPDX-License-Identifier: MIT
 * The thread that raises the clock's interrupt in time. */
#include "rule.h"

#include <linux/kvm.h>

static const struct sandbox_rule rules[] = {
    {CALL(read), .reason = "the timer"},
    {CALL(timerfd_settime), .reason = "the timer"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_IRQ_LINE)}, .reason = "the clock's interrupt"},
};

const struct sandbox_table sandbox_clock = TABLE("clock", rules);
