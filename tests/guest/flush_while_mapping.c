/* SPDX-License-Identifier: MIT
 * Three CPUs flush a file that they write to, again and again; a fourth maps and unmaps its pages
 * all the while: every call succeeds, and nothing written is lost. */
/* before: head -c 65536 /dev/zero >"$work/file" */
/* vm: --vcpus 4 --object "name=file,path=$work/file" */
#include "raw_calls.h"

#define CPUS   4u
#define ROUNDS 40u

static struct hf_object_open file;
static struct hf_window windows[CPUS];
static uint32_t wrong;

static void flush_often(void *argument)
{
    volatile uint64_t *page = argument;

    for (uint64_t i = 1; i <= ROUNDS; i++) {
        page[i] = i;
        if (hf_flush(file.id) != HF_OK || page[i] != i)
            __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    }
}

int guest_main(void)
{
    void *pages[CPUS];
    uint64_t seen[ROUNDS + 1];

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("file", &file), HF_OK);
    for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
        const struct hf_extent extent = {cpu, 1, file.id};
        CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &windows[cpu]), HF_OK);
        CHECK_EQUAL(hf_map(&windows[cpu], 0, &extent, 1, 0, NULL, &pages[cpu]), HF_OK);
    }
    CHECK_EQUAL(hf_unmap(&windows[0], 0, 1), HF_OK);
    for (uint32_t cpu = 1; cpu < CPUS; cpu++)
        nano_run_on(cpu, flush_often, pages[cpu]);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const struct hf_extent extent = {i % CPUS, 1, file.id};
        CHECK_EQUAL(hf_map(&windows[0], 0, &extent, 1, 0, NULL, NULL), HF_OK);
        CHECK_EQUAL(hf_unmap(&windows[0], 0, 1), HF_OK);
    }
    for (uint32_t cpu = 1; cpu < CPUS; cpu++)
        nano_wait_for(cpu);
    CHECK_EQUAL(wrong, 0);
    for (uint32_t cpu = 1; cpu < CPUS; cpu++) {
        memcpy(seen, pages[cpu], sizeof seen);
        for (uint64_t i = 1; i <= ROUNDS; i++)
            CHECK_EQUAL(seen[i], i);
    }
    return 0;
}
