/* SPDX-License-Identifier: MIT
 * Maps, remaps and unmaps for as long as it is told, on every CPU at once: random lists of isolated
 * pages over several windows, and looks at each page after each map. Says "ready" when all windows
 * are reserved, goes on when a byte comes from the console, and waits for another one before it
 * ends. Command line: "ROUNDS MOST": maps on each CPU, and the most pages in a list; one list in a
 * thousand fills the window. Lists are short more often than long. */
#include "holdfast/guest.h"
#include "nano.h"
#include "number_at.h"

#define TAG     0x4d524f54u /* "TORM" */
#define WINDOWS 4u          /* on each CPU */
#define PAGES   512u        /* in a window */
#define SOURCES 1024u       /* pages of RAM that are mapped; each holds its own number */
#define STEPS   4u          /* of the histogram, for each power of two */
#define BUCKETS (64u * STEPS)

struct storm {
    struct hf_window window[WINDOWS];
    uint32_t mapped[WINDOWS]; /* pages */
    struct hf_extent *list;   /* longer than fits on a stack, contiguous */
    uint64_t seed;
    uint64_t maps, unmaps, refused, wrong;
    uint64_t took[BUCKETS]; /* MAPs and REMAPs, by their ticks */
    uint64_t slowest;
};

#define REPORT 500u /* rounds, at most */

static uint64_t rounds, most;
static uint64_t *sources; /* every second page is used, so that no two are neighbours */
static struct storm storms[NANO_CPUS];

static uint32_t pick(struct storm *storm, uint64_t below)
{
    storm->seed = storm->seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((storm->seed >> 33) % below);
}

static void note_time(struct storm *storm, uint64_t ticks)
{
    const uint32_t power = 63u - (uint32_t)__builtin_clzll(ticks | STEPS);

    storm->took[power * STEPS + (ticks >> (power - 2)) % STEPS]++;
    if (ticks > storm->slowest)
        storm->slowest = ticks;
}

static void unmap(struct storm *storm, uint32_t which)
{
    if (storm->mapped[which] == 0)
        return;
    if (hf_unmap(&storm->window[which], 0, storm->mapped[which]) != HF_OK)
        storm->refused++;
    storm->unmaps++;
    storm->mapped[which] = 0;
}

static uint32_t make_list(struct storm *storm)
{
    const uint32_t short_one = 1 + pick(storm, 1 + pick(storm, 1 + pick(storm, most)));
    const uint32_t count = pick(storm, 1000) == 0 ? PAGES : short_one;
    const uint32_t first = pick(storm, SOURCES / 2);

    for (uint32_t i = 0; i < count; i++) {
        const uint64_t page = (uintptr_t)sources / HF_PAGE_SIZE + 2 * ((first + i) % (SOURCES / 2));
        storm->list[i] = (struct hf_extent){page, 1, HF_RAM};
    }
    return count;
}

static void look_at(struct storm *storm, const void *address, uint32_t count)
{
    const volatile uint64_t *seen = address;

    for (uint32_t i = 0; i < count; i++, seen += HF_PAGE_SIZE / 8)
        if (*seen != storm->list[i].first)
            storm->wrong++;
}

/* Maps a new list; one time in four by a REMAP, if there is anything to unmap. */
static void map(struct storm *storm, uint32_t which)
{
    struct hf_window *window = &storm->window[which];
    const uint32_t count = make_list(storm);
    const uint32_t old = storm->mapped[which];
    void *address;
    int status;

    if (old > 0 && pick(storm, 4) > 0)
        unmap(storm, which);
    const uint64_t start = nano_tsc();
    if (storm->mapped[which] > 0)
        status = hf_remap(window, 0, old, 0, storm->list, count, 0, NULL, &address);
    else
        status = hf_map(window, 0, storm->list, count, 0, NULL, &address);
    note_time(storm, nano_tsc() - start);
    storm->maps++;
    if (status != HF_OK) {
        storm->refused++;
        return;
    }
    storm->unmaps += storm->mapped[which] > 0;
    storm->mapped[which] = count;
    look_at(storm, address, count);
}

static void blow(void *argument)
{
    struct storm *storm = argument;
    /* A long run must not look like a standstill. */
    const uint64_t every = rounds / 50 + 1 < REPORT ? rounds / 50 + 1 : REPORT;

    for (uint64_t round = 0; round < rounds; round++) {
        map(storm, pick(storm, WINDOWS));
        if (storm == storms && round % every == 0)
            hf_printf("round %lu\n", round);
    }
    for (uint32_t which = 0; which < WINDOWS; which++)
        unmap(storm, which);
}

/* The ticks that so many in a thousand MAPs took at most; the histogram's steps are coarse. */
static uint64_t ticks_of(const struct storm *all, uint64_t thousandths)
{
    uint64_t left = all->maps * thousandths / 1000;
    uint32_t bucket = 0;

    while (bucket < BUCKETS - 1 && left > all->took[bucket])
        left -= all->took[bucket++];
    return (STEPS + bucket % STEPS + 1) << (bucket / STEPS) >> 2;
}

static void add(struct storm *all, const struct storm *one)
{
    all->maps += one->maps;
    all->unmaps += one->unmaps;
    all->refused += one->refused;
    all->wrong += one->wrong;
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++)
        all->took[bucket] += one->took[bucket];
    if (one->slowest > all->slowest)
        all->slowest = one->slowest;
}

static int prepare(struct storm *storm, uint64_t seed)
{
    *storm = (struct storm){.seed = seed};
    storm->list = nano_pages(PAGES * sizeof(struct hf_extent) / HF_PAGE_SIZE);
    CHECK(storm->list != NULL);
    for (uint32_t i = 0; i < WINDOWS; i++)
        CHECK_EQUAL(hf_reserve(PAGES * HF_PAGE_SIZE, TAG, 0, 0, &storm->window[i]), HF_OK);
    return 0;
}

static int make_sources(void)
{
    sources = nano_pages(SOURCES);
    CHECK(sources != NULL);
    for (uint64_t i = 0; i < SOURCES; i++)
        sources[i * 512] = (uintptr_t)sources / HF_PAGE_SIZE + i;
    return 0;
}

int guest_main(void)
{
    const char *text = nano_command_line();
    static struct storm all;

    rounds = number_at(&text);
    most = number_at(&text);
    CHECK(rounds > 0 && most > 0 && most <= PAGES);
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(make_sources(), 0);
    for (uint32_t cpu = 0; cpu < nano_cpus(); cpu++)
        CHECK_EQUAL(prepare(&storms[cpu], 1 + cpu), 0);
    hf_printf("ready\n");
    nano_wait_for_byte();

    for (uint32_t cpu = 1; cpu < nano_cpus(); cpu++)
        nano_run_on(cpu, blow, &storms[cpu]);
    blow(&storms[0]);
    for (uint32_t cpu = 0; cpu < nano_cpus(); cpu++) {
        if (cpu > 0)
            nano_wait_for(cpu);
        add(&all, &storms[cpu]);
    }
    hf_printf("ticks p50 %lu p99 %lu p99.9 %lu max %lu\n", ticks_of(&all, 500), ticks_of(&all, 990),
              ticks_of(&all, 999), all.slowest);
    hf_printf("maps %lu unmaps %lu refused %lu wrong %lu\n", all.maps, all.unmaps, all.refused,
              all.wrong);
    nano_wait_for_byte();
    return all.refused == 0 && all.wrong == 0 ? 0 : 1;
}
