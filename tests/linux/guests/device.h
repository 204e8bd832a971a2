/* SPDX-License-Identifier: MIT
 * For the programs that try /dev/holdfast: its calls, and what signal an access is answered with.
 */
#ifndef TESTS_LINUX_DEVICE_H
#define TESTS_LINUX_DEVICE_H

#include "holdfast/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define TAG  0x72657355u /* "User" */

#define expect(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("line %d: not so: %s (errno %d)\n", __LINE__, #condition, errno);               \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* The call fails with this errno. */
#define refused(call, wanted)                                                                      \
    do {                                                                                           \
        errno = 0;                                                                                 \
        const int result_ = (int)(long)(call);                                                     \
        if (result_ != -1 || errno != (wanted)) {                                                  \
            printf("line %d: %s: result %d, errno %d, wanted %d\n", __LINE__, #call, result_,      \
                   errno, (wanted));                                                               \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static inline int open_device(int flags)
{
    const int fd = open("/dev/holdfast", flags | O_CLOEXEC);
    expect(fd >= 0);
    return fd;
}

static inline uint32_t open_object(int fd, const char *name)
{
    struct holdfast_linux_open call = {.bytes = 0};

    strncpy(call.name, name, sizeof call.name - 1);
    expect(ioctl(fd, HOLDFAST_OPEN, &call) == 0);
    return call.object;
}

static inline struct holdfast_linux_reserve reserve(int fd, uint64_t pages, uint32_t maps_max)
{
    struct holdfast_linux_reserve call = {.bytes = pages * PAGE, .tag = TAG, .maps_max = maps_max};

    expect(ioctl(fd, HOLDFAST_RESERVE, &call) == 0);
    return call;
}

static inline int map(int fd, uint64_t window, uint64_t page_offset, uint32_t object,
                      uint64_t first, uint64_t pages, uint32_t flags)
{
    struct holdfast_linux_map call = {.window = window,
                                      .page_offset = page_offset,
                                      .first = first,
                                      .pages = pages,
                                      .object = object,
                                      .flags = flags};

    return ioctl(fd, HOLDFAST_MAP, &call);
}

static inline int unmap(int fd, uint64_t window, uint64_t page_offset, uint64_t pages)
{
    struct holdfast_linux_unmap call = {
        .window = window, .page_offset = page_offset, .pages = pages};

    return ioctl(fd, HOLDFAST_UNMAP, &call);
}

static inline int release(int fd, uint64_t window)
{
    struct holdfast_linux_release call = {.window = window};

    return ioctl(fd, HOLDFAST_RELEASE, &call);
}

static inline uint64_t arena_free(int fd)
{
    struct holdfast_linux_info info;

    expect(ioctl(fd, HOLDFAST_INFO, &info) == 0);
    return info.arena_free;
}

static inline char *see(int fd, int protection, const struct holdfast_linux_reserve *window,
                        uint64_t page_offset, uint64_t pages)
{
    char *at = mmap(NULL, pages * PAGE, protection, MAP_SHARED, fd,
                    (off_t)(window->mmap_offset + page_offset * PAGE));
    expect(at != MAP_FAILED);
    return at;
}

static __thread sigjmp_buf access_back;

static inline void on_access_signal(int signal)
{
    siglongjmp(access_back, signal);
}

static inline void catch_accesses(void)
{
    const struct sigaction action = {.sa_handler = on_access_signal, .sa_flags = SA_NODEFER};

    expect(sigaction(SIGBUS, &action, NULL) == 0 && sigaction(SIGSEGV, &action, NULL) == 0);
}

/* 0, or the signal that a read, or a write of what is there, gets. */
static inline int signal_of(char *at, bool write)
{
    const int signal = sigsetjmp(access_back, 0);

    if (signal != 0)
        return signal;
    const char byte = *(volatile char *)at;
    if (write)
        *(volatile char *)at = byte;
    return 0;
}

#endif
