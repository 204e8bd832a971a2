/* SPDX-License-Identifier: MIT
 * While one CPU discards pages again and again, others that write and read them find what they
 * wrote or zeros, and never a fault. */
/* vm: --vcpus 3 --object name=memory,size=64K */
#include "access.h"
#include "raw_calls.h"

#define CPUS   3u
#define PAGES  4u
#define ROUNDS 200u

static void *pages;
static bool over;
static uint32_t wrong;
static uint32_t zeros;

static void use(void *argument)
{
    (void)argument;
    for (uint64_t i = 1; !__atomic_load_n(&over, __ATOMIC_ACQUIRE); i++) {
        uint64_t *at = (uint64_t *)pages + i % PAGES * 512 + nano_cpu();
        uint64_t value = 0;
        if (!can_write(at, i) || !can_read(at, &value) || (value != i && value != 0))
            __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        if (value == 0)
            __atomic_fetch_add(&zeros, 1, __ATOMIC_RELAXED);
    }
}

int guest_main(void)
{
    struct hf_object_open object;
    struct hf_window window;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("memory", &object), HF_OK);
    CHECK_EQUAL(hf_reserve(PAGES * 4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent all = {0, PAGES, object.id};
    CHECK_EQUAL(hf_map(&window, 0, &all, 1, 0, NULL, &pages), HF_OK);
    for (uint32_t cpu = 1; cpu < CPUS; cpu++)
        nano_run_on(cpu, use, NULL);
    for (unsigned i = 0; i < ROUNDS; i++)
        CHECK_EQUAL(hf_discard(object.id, i % PAGES, 1), HF_OK);
    __atomic_store_n(&over, true, __ATOMIC_RELEASE);
    for (uint32_t cpu = 1; cpu < CPUS; cpu++)
        nano_wait_for(cpu);
    CHECK_EQUAL(wrong, 0);
    CHECK_EQUAL(hf_discard(object.id, 0, PAGES), HF_OK);
    for (unsigned i = 0; i < PAGES * 512; i++)
        CHECK_EQUAL(((volatile uint64_t *)pages)[i], 0);
    hf_printf("%u reads found zeros\n", zeros);
    return 0;
}
