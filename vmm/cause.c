/* SPDX-License-Identifier: MIT */
#include "vmm/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static _Thread_local char text[256];
static char profile[96]; /* AppArmor's for this process; empty: it confines nothing here */

void cause_begin(void)
{
    const int fd = open("/proc/self/attr/apparmor/current", O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        if (errno == EACCES)
            snprintf(profile, sizeof profile, "its profile hides its name");
        return;
    }
    const ssize_t length = read(fd, profile, sizeof profile - 1);
    close(fd);
    /* "NAME (enforce)": in the other modes, and without a profile, nothing is refused. */
    char *mode = length > 0 ? strstr(profile, " (enforce)") : NULL;
    if (mode != NULL)
        *mode = '\0';
    else
        profile[0] = '\0';
}

/* The soft limit; false: there is none. */
static bool limit_of(int resource, unsigned long long *limit)
{
    struct rlimit both;

    if (getrlimit((__rlimit_resource_t)resource, &both) < 0 || both.rlim_cur == RLIM_INFINITY)
        return false;
    *limit = both.rlim_cur;
    return true;
}

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
    const size_t length = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + length, sizeof text - length, format, args);
    va_end(args);
}

static void begin(int error)
{
    const char *description = strerrordesc_np(error); /* strerror() may allocate */

    text[0] = '\0';
    if (description != NULL)
        add("%s", description);
    else
        add("error %d", error);
}

static bool overcommit_is_strict(void)
{
    const int fd = open("/proc/sys/vm/overcommit_memory", O_RDONLY | O_CLOEXEC);
    char digit = '0';

    if (fd < 0)
        return false;
    const ssize_t got = read(fd, &digit, 1);
    close(fd);
    return got == 1 && digit == '2';
}

static void add_memory_limits(void)
{
    unsigned long long limit;
    const bool space = limit_of(RLIMIT_AS, &limit);

    if (space)
        add("; address space is limited to %llu KiB (ulimit -v): raise that", limit >> 10);
    if (limit_of(RLIMIT_DATA, &limit))
        add("; data is limited to %llu KiB (ulimit -d): raise that", limit >> 10);
    else if (!space && overcommit_is_strict())
        add("; vm.overcommit_memory is 2: raise vm.overcommit_ratio, or set it to 0");
}

const char *cause_text(int error)
{
    const int saved = errno;
    unsigned long long limit;

    begin(error);
    if (error == ENOMEM)
        add_memory_limits();
    else if (error == EMFILE && limit_of(RLIMIT_NOFILE, &limit))
        add("; open files are limited to %llu (ulimit -n): raise that", limit);
    else if (error == EFBIG && limit_of(RLIMIT_FSIZE, &limit))
        add("; files are limited to %llu KiB (ulimit -f): raise that", limit >> 10);
    else if (error == EACCES && profile[0] != '\0')
        add("; AppArmor confines this process (%s): see its DENIED lines in the kernel's log and "
            "add a rule below /etc/apparmor.d",
            profile);
    errno = saved;
    return text;
}

const char *cause_of_thread(int error)
{
    const int saved = errno;
    unsigned long long limit;

    if (error != EAGAIN)
        return cause_text(error);
    begin(error);
    if (limit_of(RLIMIT_NPROC, &limit))
        add("; this user's threads are limited to %llu (ulimit -u): raise that, or pids.max of the "
            "cgroup",
            limit);
    else
        add("; raise pids.max of the cgroup");
    add_memory_limits();
    errno = saved;
    return text;
}

const char *cause_of_timer(int error)
{
    const int saved = errno;
    unsigned long long limit;

    begin(error);
    if (error == EAGAIN && limit_of(RLIMIT_SIGPENDING, &limit))
        add("; this user's pending signals and timers are limited to %llu (ulimit -i): raise that",
            limit);
    errno = saved;
    return text;
}

const char *cause_of_lock(int error)
{
    const int saved = errno;
    unsigned long long limit;

    begin(error);
    if (limit_of(RLIMIT_MEMLOCK, &limit))
        add("; locked memory is limited to %llu KiB (ulimit -l): raise that, or give CAP_IPC_LOCK",
            limit >> 10);
    errno = saved;
    return text;
}
