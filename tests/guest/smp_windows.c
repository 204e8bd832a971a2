/* SPDX-License-Identifier: MIT
 * Four CPUs map and unmap in windows of their own and in different parts of one common window, all
 * at once: each sees its own pages in the right places, and in the end all accounts are even. */
/* vm: --vcpus 4 */
#include "access.h"
#include "raw_calls.h"

#define CPUS   4u
#define ROUNDS 25u
#define PART   4u /* pages of the common window for each CPU */

static struct hf_window common;

struct worker {
    uint32_t number;
    uint64_t *pages; /* PART of them */
    uint64_t maps;   /* in the common window */
    int result;
};

static int shows(const void *address, const struct worker *worker, const struct hf_extent *list)
{
    for (unsigned i = 0; i < 2; i++) {
        uint64_t seen;
        CHECK(can_read((const char *)address + i * 4096, &seen));
        CHECK_EQUAL(seen, worker->number * 100 + (list[i].first - page_of(worker->pages)));
    }
    return 0;
}

static int round_of(struct worker *worker, unsigned round)
{
    const uint64_t first = page_of(worker->pages);
    const struct hf_extent list[] = {{first + round % PART, 1, HF_RAM},
                                     {first + (round * 3 + 1) % PART, 1, HF_RAM}};
    const uint64_t offset = worker->number * PART + round % (PART - 1);
    struct hf_window own;
    void *address;

    CHECK_EQUAL(hf_reserve((1 + round % 3) * 8192, TAG + worker->number, 0, 0, &own), HF_OK);
    CHECK_EQUAL(hf_map(&own, 0, list, 2, 0, NULL, &address), HF_OK);
    CHECK_EQUAL(shows(address, worker, list), 0);
    CHECK_EQUAL(hf_map(&common, offset, list, 2, 0, NULL, &address), HF_OK);
    CHECK_EQUAL(shows(address, worker, list), 0);
    CHECK_EQUAL(hf_map(&common, offset, list, 1, 0, NULL, NULL), HF_MAP_OVERLAP);
    const uint64_t moved = worker->number * PART + (round + 1) % (PART - 1);
    CHECK_EQUAL(hf_remap(&common, offset, 2, moved, list, 2, 0, NULL, &address), HF_OK);
    CHECK_EQUAL(shows(address, worker, list), 0);
    CHECK_EQUAL(hf_unmap(&own, 0, 2), HF_OK);
    CHECK(read_is_gp(own.address));
    CHECK_EQUAL(hf_release(&own), HF_OK);
    CHECK_EQUAL(hf_unmap(&common, moved, 2), HF_OK);
    worker->maps += 2;
    return 0;
}

static void work(void *argument)
{
    struct worker *worker = argument;

    for (unsigned round = 0; round < ROUNDS && worker->result == 0; round++)
        worker->result = round_of(worker, round);
}

int guest_main(void)
{
    static struct worker workers[CPUS];
    struct hf_info before;
    struct hf_info after;
    struct hf_stat stat;
    uint64_t maps = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(nano_cpus(), CPUS);
    CHECK_EQUAL(hf_info(&before), HF_OK);
    CHECK_EQUAL(hf_reserve(CPUS * PART * 4096, TAG, 0, 0, &common), HF_OK);
    for (unsigned i = 0; i < CPUS; i++) {
        workers[i] = (struct worker){.number = i, .pages = nano_pages(PART)};
        for (unsigned j = 0; j < PART; j++)
            workers[i].pages[j * 512] = i * 100 + j;
    }
    for (unsigned i = 1; i < CPUS; i++)
        nano_run_on(i, work, &workers[i]);
    work(&workers[0]);
    for (unsigned i = 0; i < CPUS; i++) {
        if (i > 0)
            nano_wait_for(i);
        CHECK_EQUAL(workers[i].result, 0);
        maps += workers[i].maps;
    }
    CHECK_EQUAL(hf_stat(&common, &stat), HF_OK);
    CHECK_EQUAL(stat.maps, maps);
    CHECK_EQUAL(stat.unmaps, maps);
    CHECK_EQUAL(stat.mappings, 0);
    CHECK_EQUAL(stat.extents, 0);
    CHECK_EQUAL(stat.faults, 0);
    CHECK_EQUAL(hf_release(&common), HF_OK);
    CHECK_EQUAL(hf_info(&after), HF_OK);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    return 0;
}
