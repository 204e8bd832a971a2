/* SPDX-License-Identifier: MIT
 * To be preloaded: from SIGRTMAX on, the process gets no memory from the C library, nor from mmap()
 * where it leaves the address to the kernel. With ALLOCATIONS=abort, an allocation by a thread that
 * runs a vCPU ends the process instead, and other threads are served as ever. Tells at the end how
 * many were refused. */
#include <dlfcn.h>
#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* The C library's own, so that no dlsym(), which allocates, is needed to find them. */
void *__libc_malloc(size_t bytes);                     /* NOLINT */
void *__libc_calloc(size_t count, size_t bytes);       /* NOLINT */
void *__libc_realloc(void *memory, size_t bytes);      /* NOLINT */
void *__libc_memalign(size_t alignment, size_t bytes); /* NOLINT */

static _Atomic bool on;
static _Atomic unsigned long refused;
static bool only_vcpus;
static __thread bool runs_vcpu __attribute__((tls_model("initial-exec")));
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);
static int (*real_ioctl)(int, unsigned long, ...);

static void say(const char *text)
{
    const ssize_t written = write(STDERR_FILENO, text, strlen(text));

    (void)written;
}

static bool refuses(void)
{
    if (!atomic_load(&on) || (only_vcpus && !runs_vcpu))
        return false;
    atomic_fetch_add(&refused, 1);
    if (only_vcpus) {
        say("a vCPU's thread allocates\n");
        abort();
    }
    errno = ENOMEM;
    return true;
}

static void switch_on(int signal)
{
    (void)signal;
    atomic_store(&on, true);
}

__attribute__((constructor)) static void prepare(void)
{
    const struct sigaction action = {.sa_handler = switch_on, .sa_flags = SA_RESTART};
    const char *mode = getenv("ALLOCATIONS");

    only_vcpus = mode != NULL && strcmp(mode, "abort") == 0;
    *(void **)&real_mmap = dlsym(RTLD_NEXT, "mmap");
    *(void **)&real_ioctl = dlsym(RTLD_NEXT, "ioctl");
    sigaction(SIGRTMAX, &action, NULL);
}

__attribute__((destructor)) static void report(void)
{
    char line[64];

    snprintf(line, sizeof line, "allocations refused: %lu\n", atomic_load(&refused));
    say(line);
}

void *malloc(size_t bytes)
{
    return refuses() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return refuses() ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    return refuses() ? NULL : __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return refuses() ? NULL : __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    void *got = refuses() ? NULL : __libc_memalign(alignment, bytes);

    if (got == NULL)
        return ENOMEM;
    *memory = got;
    return 0;
}

void *mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    if (address == NULL && refuses())
        return MAP_FAILED;
    return real_mmap(address, bytes, protection, flags, fd, offset);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list rest;

    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    runs_vcpu |= request == KVM_RUN;
    return real_ioctl(fd, request, argument);
}
