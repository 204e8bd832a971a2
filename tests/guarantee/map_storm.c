/* SPDX-License-Identifier: MIT
 * Maps and unmaps for as long as it is told, on every CPU at once: random lists of isolated pages
 * over several windows, and looks at each page after each map. Says "ready" when all windows are
 * reserved, and goes on when a byte comes from the console. Command line: "ROUNDS MOST": maps on
 * each CPU, and the most pages in a list. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG     0x4d524f54u /* "TORM" */
#define WINDOWS 4u          /* on each CPU */
#define PAGES   512u        /* in a window */
#define SOURCES 1024u       /* pages of RAM that are mapped; each holds its own number */

struct storm {
    struct hf_window window[WINDOWS];
    uint32_t mapped[WINDOWS]; /* pages */
    struct hf_extent *list;   /* longer than fits on a stack, contiguous */
    uint64_t seed;
    uint64_t refused, wrong;
};

static uint64_t rounds, most;
static uint64_t *sources; /* every second page is used, so that no two are neighbours */
static struct storm storms[NANO_CPUS];

static uint32_t pick(struct storm *storm, uint64_t below)
{
    storm->seed = storm->seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((storm->seed >> 33) % below);
}

static uint64_t number_at(const char **text)
{
    uint64_t value = 0;

    while (**text == ' ')
        (*text)++;
    for (; **text >= '0' && **text <= '9'; (*text)++)
        value = value * 10 + (uint64_t)(**text - '0');
    return value;
}

static void unmap(struct storm *storm, uint32_t which)
{
    if (storm->mapped[which] > 0 &&
        hf_unmap(&storm->window[which], 0, storm->mapped[which]) != HF_OK)
        storm->refused++;
    storm->mapped[which] = 0;
}

static void map(struct storm *storm, uint32_t which)
{
    const uint32_t count = 1 + pick(storm, 1 + pick(storm, most));
    const uint32_t first = pick(storm, SOURCES / 2);
    void *address;

    for (uint32_t i = 0; i < count; i++) {
        const uint64_t page = (uintptr_t)sources / HF_PAGE_SIZE + 2 * ((first + i) % (SOURCES / 2));
        storm->list[i] = (struct hf_extent){page, 1, HF_RAM};
    }
    if (hf_map(&storm->window[which], 0, storm->list, count, 0, NULL, &address) != HF_OK) {
        storm->refused++;
        return;
    }
    storm->mapped[which] = count;
    const volatile uint64_t *seen = address;
    for (uint32_t i = 0; i < count; i++, seen += HF_PAGE_SIZE / 8)
        if (*seen != storm->list[i].first)
            storm->wrong++;
}

static void blow(void *argument)
{
    struct storm *storm = argument;

    for (uint64_t round = 0; round < rounds; round++) {
        const uint32_t which = pick(storm, WINDOWS);
        unmap(storm, which);
        map(storm, which);
        if (storm == storms && round % (rounds / 10 + 1) == 0)
            hf_printf("round %lu\n", round);
    }
    for (uint32_t which = 0; which < WINDOWS; which++)
        unmap(storm, which);
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

int guest_main(void)
{
    const char *text = nano_command_line();
    uint64_t refused = 0;
    uint64_t wrong = 0;

    rounds = number_at(&text);
    most = number_at(&text);
    CHECK(rounds > 0 && most > 0 && most <= PAGES);
    CHECK_EQUAL(hf_init(), HF_OK);
    sources = nano_pages(SOURCES);
    CHECK(sources != NULL);
    for (uint64_t i = 0; i < SOURCES; i++)
        sources[i * 512] = (uintptr_t)sources / HF_PAGE_SIZE + i;
    for (uint32_t cpu = 0; cpu < nano_cpus(); cpu++)
        if (prepare(&storms[cpu], 1 + cpu) != 0)
            return 1;
    hf_printf("ready\n");
    while (nano_getchar() < 0)
        __builtin_ia32_pause();

    for (uint32_t cpu = 1; cpu < nano_cpus(); cpu++)
        nano_run_on(cpu, blow, &storms[cpu]);
    blow(&storms[0]);
    for (uint32_t cpu = 0; cpu < nano_cpus(); cpu++) {
        if (cpu > 0)
            nano_wait_for(cpu);
        refused += storms[cpu].refused;
        wrong += storms[cpu].wrong;
    }
    hf_printf("maps %lu refused %lu wrong %lu\n", rounds * nano_cpus(), refused, wrong);
    return refused == 0 && wrong == 0 ? 0 : 1;
}
