/* SPDX-License-Identifier: MIT */
#include "capabilities.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORDS _LINUX_CAPABILITY_U32S_3

int capabilities_enter(enum sandbox_thread thread)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[WORDS] = {0};
    const bool takes_ballast = thread == SANDBOX_VCPU || thread == SANDBOX_BALLAST;
    const uint32_t needed = takes_ballast ? 1u << CAP_IPC_LOCK : 0; /* in the first word */

    /* The directory of the control socket may be another user's. */
    if (thread == SANDBOX_MAIN)
        return 0;
    if (syscall(SYS_capget, &head, data) < 0)
        return -1;
    for (unsigned i = 0; i < WORDS; i++) {
        data[i].permitted &= i == 0 ? needed : 0;
        data[i].effective &= i == 0 ? needed : 0;
        data[i].inheritable = 0;
    }
    return (int)syscall(SYS_capset, &head, data);
}
