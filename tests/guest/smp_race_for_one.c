/* SPDX-License-Identifier: MIT
 * Four CPUs try to map the same page of one window at once, and to unmap and release: each time
 * just one succeeds, and the others are told what is the matter. */
/* vm: --vcpus 4 */
#include "raw_calls.h"

#define CPUS   4u
#define ROUNDS 12u

static struct hf_window window;
static uint32_t at_start[3 * ROUNDS];
static uint32_t succeeded[3 * ROUNDS];
static uint32_t wrong;

static void wait_for_all(unsigned step)
{
    __atomic_fetch_add(&at_start[step], 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&at_start[step], __ATOMIC_SEQ_CST) < CPUS)
        __builtin_ia32_pause();
}

static void count(unsigned step, int status, int otherwise)
{
    if (status == HF_OK)
        __atomic_fetch_add(&succeeded[step], 1, __ATOMIC_SEQ_CST);
    else if (status != otherwise)
        __atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
}

static void work(void *argument)
{
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};

    (void)argument;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct hf_map map = {.window = window.handle,
                             .list = raw_gpa(&list),
                             .extents = 1,
                             .tag = TAG,
                             .cache = HF_CACHE_CACHED};
        struct hf_unmap unmap = {.window = window.handle, .pages = 1, .tag = TAG};
        struct hf_release release = {.window = window.handle, .tag = TAG};
        wait_for_all(3 * round);
        count(3 * round, CALL(MAP, map), HF_MAP_OVERLAP);
        wait_for_all(3 * round + 1);
        count(3 * round + 1, CALL(UNMAP, unmap), HF_UNMAP_NOT_MAPPED);
        wait_for_all(3 * round + 2);
        if (round == ROUNDS - 1)
            count(3 * round + 2, CALL(RELEASE, release), HF_RELEASE_NO_WINDOW);
    }
}

int guest_main(void)
{
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    for (unsigned i = 1; i < CPUS; i++)
        nano_run_on(i, work, NULL);
    work(NULL);
    for (unsigned i = 1; i < CPUS; i++)
        nano_wait_for(i);
    CHECK_EQUAL(wrong, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        CHECK_EQUAL(succeeded[3 * round], 1);
        CHECK_EQUAL(succeeded[3 * round + 1], 1);
    }
    CHECK_EQUAL(succeeded[3 * ROUNDS - 1], 1);
    return 0;
}
