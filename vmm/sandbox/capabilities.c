/* SPDX-License-Identifier: MIT */
#include "capabilities.h"

#include "vmm/process/limits.h"
#include "vmm/process/user.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORDS _LINUX_CAPABILITY_U32S_3

#define LOCKS   (1u << CAP_IPC_LOCK)
#define REMOVES (1u << CAP_DAC_OVERRIDE)

static bool lock_needs_none; /* no limit holds for memory that is locked */

/* Those in the first word: the only ones that anybody needs. */
static uint32_t permitted_now(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[WORDS] = {0};

    return syscall(SYS_capget, &head, data) < 0 ? 0 : data[0].permitted;
}

static uint32_t needed_by(enum sandbox_thread thread)
{
    const bool takes_ballast = thread == SANDBOX_VCPU || thread == SANDBOX_BALLAST;

    if (takes_ballast && !lock_needs_none)
        return LOCKS;
    /* The directory of the control socket may be another user's. */
    return thread == SANDBOX_MAIN && !user_changes() ? REMOVES : 0;
}

int capabilities_prepare(char *why_not, size_t room)
{
    const uint32_t permitted = permitted_now();

    lock_needs_none = (permitted & LOCKS) != 0 && process_limits_lift_lock();
    const bool locks = (permitted & LOCKS & needed_by(SANDBOX_VCPU)) != 0;
    const bool removes = (permitted & REMOVES & needed_by(SANDBOX_MAIN)) != 0;
    snprintf(
        why_not, room, "%s%s%s",
        locks ? "vcpu and ballast keep CAP_IPC_LOCK: the limit on locked memory cannot be lifted"
              : "",
        locks && removes ? "; " : "",
        removes ? "main keeps CAP_DAC_OVERRIDE, to remove the control socket: see --user" : "");
    return locks || removes ? -1 : 0;
}

/* Where a service manager has taken them all, it may also forbid the call. */
static bool has_none(const struct __user_cap_data_struct data[WORDS])
{
    for (unsigned i = 0; i < WORDS; i++)
        if ((data[i].permitted | data[i].effective | data[i].inheritable) != 0)
            return false;
    return true;
}

int capabilities_enter(enum sandbox_thread thread)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[WORDS] = {0};
    const uint32_t needed = needed_by(thread);

    /* Else they go with root's rights. Where that is not let happen, they do. */
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (user_enter() < 0 || syscall(SYS_capget, &head, data) < 0)
        return -1;
    if (has_none(data))
        return 0;
    for (unsigned i = 0; i < WORDS; i++) {
        data[i].permitted &= i == 0 ? needed : 0;
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }
    return (int)syscall(SYS_capset, &head, data);
}
