/* SPDX-License-Identifier: MIT
 * 64 CPUs, as many as nano runs, use windows of their own at the same time. */
/* vm: --vcpus 64 */
#include "raw_calls.h"

#define CPUS   64u
#define ROUNDS 4u

static struct hf_window windows[CPUS];
static int results[CPUS];

static int use(uint32_t cpu)
{
    struct hf_window *window = &windows[cpu];
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};
    struct hf_stat stat;

    CHECK_EQUAL(hf_reserve(4096, TAG + cpu, 0, 0, window), HF_OK);
    for (unsigned round = 0; round < ROUNDS; round++) {
        CHECK_EQUAL(hf_map(window, 0, &list, 1, 0, NULL, NULL), HF_OK);
        CHECK_EQUAL(hf_unmap(window, 0, 1), HF_OK);
    }
    CHECK_EQUAL(hf_stat(window, &stat), HF_OK);
    CHECK_EQUAL(stat.tag, TAG + cpu);
    CHECK_EQUAL(stat.maps, ROUNDS);
    CHECK_EQUAL(hf_release(window), HF_OK);
    return 0;
}

static void work(void *argument)
{
    (void)argument;
    results[nano_cpu()] = use(nano_cpu()) == 0 ? 1 : 2;
}

int guest_main(void)
{
    struct hf_info before;
    struct hf_info after;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(nano_cpus(), CPUS);
    CHECK_EQUAL(hf_info(&before), HF_OK);
    for (uint32_t cpu = 1; cpu < CPUS; cpu++)
        nano_run_on(cpu, work, NULL);
    work(NULL);
    for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
        if (cpu > 0)
            nano_wait_for(cpu);
        CHECK_EQUAL(results[cpu], 1);
    }
    CHECK_EQUAL(hf_info(&after), HF_OK);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    return 0;
}
