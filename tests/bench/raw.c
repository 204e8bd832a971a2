/* SPDX-License-Identifier: MIT
 * What the host's own primitives take: what any VMM on KVM would have to pay. Prints lines "WORK
 * SHAPE COUNT TICKS" as guest.c does, and the rate of the time-stamp counter.
 *   exit     a guest's OUT to a port without a device, to user space and back; seen by the guest
 *   mmap     MAP_FIXED of a memfd's pages over PROT_NONE; scattered: a call for each page
 *   replace  the same over such a mapping
 *   none     PROT_NONE over such a mapping; one call
 *   slot     a memory slot created and deleted again, instead
 *   memcpy   the bytes copied, instead
 * With the argument "start": makes a VM, says that it has, and ends. */
#include "bare_vm.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define ROUNDS   15u
#define IN_A_ROW 4u  /* of one kind, so that the median is of warm caches */
#define SIZES    10u /* 1, 2, 4 ... 512 */
#define LARGEST  (1u << (SIZES - 1))
#define BACKING  (4 * LARGEST * PAGE)

enum work { MMAP, REPLACE, NONE, SLOT, MEMCPY, WORKS };
static const char *const work_names[] = {"mmap", "replace", "none", "slot", "memcpy"};

enum shape { CONTIGUOUS, SCATTERED, SHAPES };
static const char *const shape_names[] = {"contiguous", "scattered"};

struct samples {
    uint32_t count;
    uint32_t ticks[ROUNDS * IN_A_ROW];
};

/* Pages come and go in the middle of the range: a mapping there parts it in two. */
#define MIDDLE (RANGE / 2)

static struct samples samples[WORKS][SHAPES][SIZES];
static struct bare_vm vm;
static int backing_fd;
static uint8_t *backing;

static void add(struct samples *to, uint64_t ticks)
{
    to->ticks[to->count++] = (uint32_t)ticks;
}

static int by_value(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void print(const char *work, const char *shape, uint32_t count, struct samples *of)
{
    qsort(of->ticks, of->count, sizeof of->ticks[0], by_value);
    printf("%s %s %u %u\n", work, shape, count, of->ticks[of->count / 2]);
}

/* ---- what is timed ---- */

static void map(uint8_t *at, uint64_t backing_page, uint64_t pages)
{
    if (mmap(at, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
             backing_fd, (off_t)(backing_page * PAGE)) == MAP_FAILED)
        fail("mmap");
}

/* Every other page, so that no two of them make one mapping. */
static uint64_t timed_map(enum shape shape, uint64_t backing_page, uint32_t pages)
{
    const uint64_t start = __rdtsc();

    if (shape == CONTIGUOUS)
        map(vm.range + MIDDLE, backing_page, pages);
    else
        for (uint64_t page = 0; page < pages; page++)
            map(vm.range + MIDDLE + page * PAGE, backing_page + 2 * page, 1);
    return __rdtsc() - start;
}

static uint64_t timed_none(uint32_t pages)
{
    const uint64_t start = __rdtsc();

    if (mmap(vm.range + MIDDLE, pages * PAGE, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
        fail("mmap");
    return __rdtsc() - start;
}

static uint64_t timed_slot(uint64_t bytes)
{
    const uint64_t start = __rdtsc();

    bare_vm_slot(&vm, bytes);
    return __rdtsc() - start;
}

/* From other pages each time: what is copied has seldom been copied just before. */
static uint64_t timed_memcpy(uint64_t bytes)
{
    static uint64_t from;
    const uint64_t start = __rdtsc();

    memcpy(vm.spare, backing + from, bytes);
    const uint64_t ticks = __rdtsc() - start;
    from = (from + bytes) % (BACKING - SPARE_BYTES);
    return ticks;
}

/* The guest runs between one and the next, as it does with Holdfast, and reads every page. */
static void map_replace_none(enum shape shape, uint32_t size)
{
    struct samples(*const of)[SHAPES][SIZES] = samples;
    const uint32_t pages = 1u << size;

    add(&of[MMAP][shape][size], timed_map(shape, 0, pages));
    bare_vm_run(&vm, RANGE_GPA + MIDDLE, pages);
    add(&of[REPLACE][shape][size], timed_map(shape, 2 * LARGEST, pages));
    bare_vm_run(&vm, RANGE_GPA + MIDDLE, pages);
    add(&of[NONE][shape][size], timed_none(pages));
    bare_vm_run(&vm, 0, 0);
}

/* 1, 16 and 512 pages are enough: on a busy host, deleting a slot takes long. */
static bool has_instead(uint32_t size)
{
    return size == 0 || size == 4 || size == 9;
}

static void slot_memcpy(uint32_t size)
{
    const uint32_t pages = 1u << size;
    uint64_t ticks = timed_slot(pages * PAGE);

    bare_vm_run(&vm, SPARE_GPA, pages);
    ticks += timed_slot(0);
    add(&samples[SLOT][CONTIGUOUS][size], ticks);
    bare_vm_run(&vm, 0, 0);

    add(&samples[MEMCPY][CONTIGUOUS][size], timed_memcpy(pages * PAGE));
}

static void measure_all(void)
{
    for (uint32_t round = 0; round < ROUNDS; round++)
        for (uint32_t size = 0; size < SIZES; size++) {
            for (uint32_t i = 0; i < IN_A_ROW; i++)
                map_replace_none(CONTIGUOUS, size);
            for (uint32_t i = 0; i < IN_A_ROW; i++)
                map_replace_none(SCATTERED, size);
            for (uint32_t i = 0; i < IN_A_ROW && has_instead(size); i++)
                slot_memcpy(size);
        }
    for (uint32_t work = 0; work < WORKS; work++)
        for (uint32_t shape = 0; shape < SHAPES; shape++)
            for (uint32_t size = 0; size < SIZES; size++)
                if (samples[work][shape][size].count > 0)
                    print(work_names[work], shape_names[shape], 1u << size,
                          &samples[work][shape][size]);
}

static void measure_exit(void)
{
    struct samples exits = {.count = 0};

    bare_vm_run(&vm, 0, 0);
    for (uint32_t round = 0; round < ROUNDS * IN_A_ROW; round++) {
        const uint32_t ticks = bare_vm_run(&vm, 0, 0);
        add(&exits, ticks - bare_vm_overhead());
    }
    print("exit", "-", 1, &exits);
}

static uint64_t nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void measure_tsc(uint64_t start_ns, uint64_t start_ticks)
{
    const uint64_t ticks = __rdtsc() - start_ticks;

    printf("tsc khz 1 %llu\n", (unsigned long long)(ticks * 1000000u / (nanoseconds() - start_ns)));
}

static void make_backing(void)
{
    backing_fd = memfd_create("raw-ram", MFD_CLOEXEC);
    if (backing_fd < 0 || ftruncate(backing_fd, (off_t)BACKING) < 0)
        fail("memfd");
    void *memory = mmap(NULL, BACKING, PROT_READ | PROT_WRITE, MAP_SHARED, backing_fd, 0);
    if (memory == MAP_FAILED)
        fail("mmap");
    memset(memory, 1, BACKING);
    backing = memory;
}

int main(int argc, char **argv)
{
    const uint64_t start_ns = nanoseconds();
    const uint64_t start_ticks = __rdtsc();

    bare_vm_create(&vm);
    if (argc > 1 && strcmp(argv[1], "start") == 0)
        return puts("started") < 0;
    bare_vm_fit_out(&vm);
    make_backing();
    measure_exit();
    measure_all();
    measure_tsc(start_ns, start_ticks);
    return 0;
}
