/* SPDX-License-Identifier: MIT
 * The thread that waits for what comes in at the console. */
#include "rule.h"

#include <linux/kvm.h>
#include <signal.h>

static const struct sandbox_rule rules[] = {
    {CALL(read), .reason = "a byte for the guest"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_IRQ_LINE)}, .reason = "the serial port's interrupt"},
    {CALL(kill), .conditions = {IS_OWN_PROCESS(0), IS(1, SIGTERM)},
     .reason = "the key that ends the VM was typed"},
};

const struct sandbox_table sandbox_console_input = TABLE("console input", rules);
