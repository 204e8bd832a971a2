/* SPDX-License-Identifier: MIT
 * RAM and an arena as the memory room makes them, but without KVM: only the host's side. */
#ifndef HOLDFAST_TEST_HOST_MEMORY_H
#define HOLDFAST_TEST_HOST_MEMORY_H

#include "vmm/memory/layout.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define RAM_PAGES 16u
#ifndef ARENA_PAGES
#define ARENA_PAGES 64u
#endif
#define ARENA_PAGE 0x100000u /* guest-physical */

/* RAM whose pages hold their own numbers, and an arena; no KVM. */
static inline struct memory *make_memory(void)
{
    static struct memory memory;
    struct error error;

    memset(&memory, 0, sizeof memory);
    for (uint32_t slot = 0; slot <= BACKINGS_OBJECTS; slot++)
        memory.object[slot].fd = -1;
    memory.scratch_fd = -1;
    memory.ram_bytes = RAM_PAGES * HF_PAGE_SIZE;
    memory.extent_cost = 1000;
    memory.ram_fd = memfd_create("ram", MFD_CLOEXEC);
    assert_true(memory.ram_fd >= 0);
    assert_int_equal(ftruncate(memory.ram_fd, (off_t)memory.ram_bytes), 0);
    memory.ram = mmap(NULL, memory.ram_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory.ram_fd, 0);
    for (uint64_t page = 0; page < RAM_PAGES; page++)
        memcpy(memory.ram + page * HF_PAGE_SIZE, &page, sizeof page);
    memory.arena_base = ARENA_PAGE * HF_PAGE_SIZE;
    memory.arena_bytes = ARENA_PAGES * HF_PAGE_SIZE;
    memory.arena = arena_place(memory.arena_bytes, &error);
    assert_non_null(memory.arena);
    return &memory;
}

/* What best effort adds on a host that can make second-level tables ahead; the test stands in for
 * KVM there. */
static inline void set_aside(struct memory *memory)
{
    memory->guarantee = GUARANTEE_BEST_EFFORT;
    assert_int_equal(ballast_init(&memory->ballast, 64u << 20, false, &memory->injection), 0);
    memory->ram_made = true; /* make_memory() has written to all of it */
    memory->can_prefault = true;
    memory->scratch_fd = memfd_create("scratch", MFD_CLOEXEC);
    assert_true(memory->scratch_fd >= 0);
    assert_int_equal(ftruncate(memory->scratch_fd, HF_PAGE_SIZE), 0);
}

static inline void forget(struct memory *memory)
{
    if (memory->ballast.memory != NULL)
        ballast_free(&memory->ballast);
    if (memory->scratch_fd >= 0)
        close(memory->scratch_fd);
    arena_unplace(memory->arena, memory->arena_bytes);
    munmap(memory->ram, memory->ram_bytes);
    close(memory->ram_fd);
}

/* Asks the kernel instead of touching the page: it reads a signal mask before it finds that it is
 * to do nothing known with it. A single call, for some tests look at tens of thousands of pages. */
static inline bool readable(const void *page)
{
    const long status = syscall(SYS_rt_sigprocmask, -1, page, NULL, 8);
    const int cause = errno;

    assert_int_equal(status, -1);
    assert_true(cause == EFAULT || cause == EINVAL);
    return cause == EINVAL;
}

static inline bool writable(void *page)
{
    int ends[2];
    char byte;

    assert_int_equal(pipe(ends), 0);
    memcpy(&byte, page, 1);
    assert_int_equal(write(ends[1], &byte, 1), 1);
    const bool result = read(ends[0], page, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return result;
}

#endif
