/* SPDX-License-Identifier: MIT */
#include "limits.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

/* Paths and small files are read on the stack. */
#define STACK_LEAST ((rlim_t)256 << 10)

/* Whether a soft limit is high enough, or can be raised so far. found: what it was. */
static bool reaches(int resource, rlim_t needed, unsigned long long *found)
{
    struct rlimit limit;

    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0 || limit.rlim_cur >= needed)
        return true;
    *found = limit.rlim_cur;
    limit.rlim_cur = needed;
    return limit.rlim_max >= needed && setrlimit((__rlimit_resource_t)resource, &limit) == 0;
}

int process_limits_prepare(struct error *error)
{
    unsigned long long found;

    signal(SIGXFSZ, SIG_IGN);
    if (reaches(RLIMIT_STACK, STACK_LEAST, &found))
        return 0;
    return error_set(error, "stacks are limited to %llu KiB (ulimit -s): raise that to %llu KiB",
                     found >> 10, (unsigned long long)STACK_LEAST >> 10);
}

int process_limits_files(unsigned needed, struct error *error)
{
    unsigned long long found;

    if (reaches(RLIMIT_NOFILE, needed, &found))
        return 0;
    return error_set(error, "open files are limited to %llu (ulimit -n): raise that to %u or more",
                     found, needed);
}

bool process_limits_lift_lock(void)
{
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

    return setrlimit(RLIMIT_MEMLOCK, &none) == 0;
}
