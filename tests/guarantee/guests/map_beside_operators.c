/* SPDX-License-Identifier: MIT
 * Maps, remaps and unmaps on every CPU at once, pages of RAM and of the object "disk", which may
 * come and go at any time: then, and only then, a MAP may be refused for a bad page. Looks at each
 * page of RAM after each MAP. Says "ready" when all windows are reserved and begins at once, so
 * that it may be reset at any time; says "round N refused N wrong N with N" of all CPUs again and
 * again: so many maps had pages of the object. When a byte comes from the console, it says "maps N"
 * and ends. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG     0x5345424fu /* "OBES" */
#define PAGES   64u         /* of a window */
#define SOURCES 64u         /* pages of RAM that are mapped; each holds its own number */

struct caller {
    struct hf_window window;
    struct hf_extent list[PAGES];
    uint32_t mapped; /* pages */
    uint64_t seed;
    volatile uint64_t maps, with_object, refused, wrong;
};

static volatile uint64_t done;
static uint64_t *sources; /* every second page is used, so that no two are neighbours */
static struct caller *callers[NANO_CPUS];

static uint32_t pick(struct caller *caller, uint32_t below)
{
    caller->seed = caller->seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((caller->seed >> 33) % below);
}

/* 0: there is none now. */
static uint32_t find_object(struct caller *caller)
{
    struct hf_object_open opened;
    const int status = hf_object_open("disk", &opened);

    if (status != HF_OK && status != HF_NO_OBJECT)
        caller->refused++;
    return status == HF_OK ? opened.id : 0;
}

static uint32_t make_list(struct caller *caller, uint32_t object)
{
    const uint32_t count = 1 + pick(caller, 1 + pick(caller, PAGES));
    const uint32_t first = pick(caller, SOURCES);

    for (uint32_t i = 0; i < count; i++) {
        const uint64_t page = (uintptr_t)sources / HF_PAGE_SIZE + 2 * ((first + i) % SOURCES);
        caller->list[i] = object != 0 && i % 2 == 1 ? (struct hf_extent){PAGES - i, 1, object}
                                                    : (struct hf_extent){page, 1, HF_RAM};
    }
    return count;
}

static void look_at(struct caller *caller, const volatile uint64_t *seen, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, seen += HF_PAGE_SIZE / 8)
        if (caller->list[i].object == HF_RAM && *seen != caller->list[i].first)
            caller->wrong++;
}

static void unmap(struct caller *caller)
{
    if (caller->mapped > 0 && hf_unmap(&caller->window, 0, caller->mapped) != HF_OK)
        caller->refused++;
    caller->mapped = 0;
}

static void map(struct caller *caller)
{
    const uint32_t object = find_object(caller);
    const uint32_t count = make_list(caller, object);
    void *address;
    int status;

    if (pick(caller, 4) > 0)
        unmap(caller);
    if (caller->mapped > 0)
        status =
            hf_remap(&caller->window, 0, caller->mapped, 0, caller->list, count, 0, NULL, &address);
    else
        status = hf_map(&caller->window, 0, caller->list, count, 0, NULL, &address);
    if (status == HF_BAD_PAGE && object != 0 && count > 1)
        return; /* it has gone meanwhile */
    caller->maps++;
    if (status != HF_OK) {
        caller->refused++;
        return;
    }
    caller->with_object += object != 0 && count > 1;
    caller->mapped = count;
    look_at(caller, address, count);
}

/* Returns the maps of all CPUs. */
static uint64_t report(uint64_t round)
{
    uint64_t maps = 0, refused = 0, wrong = 0, with_object = 0;

    for (uint32_t cpu = 0; cpu < nano_cpus(); cpu++) {
        maps += callers[cpu]->maps;
        refused += callers[cpu]->refused;
        wrong += callers[cpu]->wrong;
        with_object += callers[cpu]->with_object;
    }
    hf_printf("round %lu refused %lu wrong %lu with %lu\n", round, refused, wrong, with_object);
    return maps;
}

static void map_until_done(void *argument)
{
    struct caller *caller = argument;

    for (uint64_t round = 0; done == 0; round++) {
        map(caller);
        if (caller != callers[0] || round % 32 > 0)
            continue;
        report(round);
        done = nano_getchar() >= 0;
    }
    unmap(caller);
}

static int prepare(uint32_t cpu)
{
    callers[cpu] = nano_pages((sizeof *callers[cpu] + HF_PAGE_SIZE - 1) / HF_PAGE_SIZE);
    CHECK(callers[cpu] != NULL);
    *callers[cpu] = (struct caller){.seed = 1 + cpu};
    CHECK_EQUAL(hf_reserve(PAGES * HF_PAGE_SIZE, TAG, 0, 0, &callers[cpu]->window), HF_OK);
    return 0;
}

int guest_main(void)
{
    CHECK_EQUAL(hf_init(), HF_OK);
    sources = nano_pages(2 * SOURCES);
    CHECK(sources != NULL);
    for (uint64_t i = 0; i < 2 * SOURCES; i++)
        sources[i * (HF_PAGE_SIZE / 8)] = (uintptr_t)sources / HF_PAGE_SIZE + i;
    for (uint32_t cpu = 0; cpu < nano_cpus(); cpu++)
        CHECK_EQUAL(prepare(cpu), 0);
    hf_printf("ready\n");

    for (uint32_t cpu = 1; cpu < nano_cpus(); cpu++)
        nano_run_on(cpu, map_until_done, callers[cpu]);
    map_until_done(callers[0]);
    for (uint32_t cpu = 1; cpu < nano_cpus(); cpu++)
        nano_wait_for(cpu);
    hf_printf("maps %lu\n", report(callers[0]->maps));
    return 0;
}
