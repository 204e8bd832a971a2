/* SPDX-License-Identifier: MIT
 * In place of KVM and of the C library, for tests that make primitives fail: second-level tables
 * that can always be made ahead, and pauses that take no time. */
#ifndef HOLDFAST_TEST_HOST_FAKES_H
#define HOLDFAST_TEST_HOST_FAKES_H

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <time.h>

#define PRE_FAULT_MEMORY_NR 0xd5 /* KVM_PRE_FAULT_MEMORY, which older headers do not have */

int ioctl(int fd, unsigned long request, ...)
{
    va_list rest;

    (void)fd;
    if (_IOC_NR(request) != PRE_FAULT_MEMORY_NR) {
        errno = ENOTTY;
        return -1;
    }
    va_start(rest, request);
    uint64_t *range = va_arg(rest, uint64_t *);
    va_end(rest);
    range[0] += range[1]; /* address and size of what is left */
    range[1] = 0;
    return 0;
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)time;
    (void)left;
    return sched_yield();
}

#endif
