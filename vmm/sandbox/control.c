/* SPDX-License-Identifier: MIT
 * The control service's thread. It answers what waits for nothing, and hands the rest to workers.
 */
#include "rule.h"

#include <linux/kvm.h>

static const struct sandbox_rule rules[] = {
    {CALL(accept4), .reason = "a client"},
    {CALL(getsockopt), .reason = "who the client is"},
    {CALL(recvmsg), .reason = "a client's request, and what is to be attached"},
    {CALL(sendto), .reason = "the answer"},
    {CALL(read), .reason = "a worker has done its work"},
    {CALL(close), .reason = "a client that has left"},
};

const struct sandbox_table sandbox_control = TABLE("control", rules);
