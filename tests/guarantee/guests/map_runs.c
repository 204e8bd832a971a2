/* SPDX-License-Identifier: MIT
 * Maps and unmaps for as long as it is told what a host may have in huge pages, and what it has
 * not: runs of 512 consecutive pages and single pages, of RAM and of the objects "tmpfs" and
 * "memfd", all over the same window. Looks at the first and the last page of each mapping. Says
 * "ready" when the window is reserved and when its sources hold their numbers, goes on when a byte
 * comes from the console, and waits for another one before it ends. Command line: "STEPS ROUNDS
 * SHARE": so many MAPs in each step; one in SHARE is of a run. */
#include "holdfast/guest.h"
#include "nano.h"
#include "number_at.h"

#define TAG     0x534e5552u /* "RUNS" */
#define PIECE   512u        /* pages: 2 MiB */
#define PIECES  3u          /* of the window */
#define PLACES  (2u * PIECES - 1)
#define SOURCES 3u
#define LENGTH  (2 * PIECE) /* of each source */

static struct hf_window window;
/* Pages that are mapped from each place on. The places are half a piece apart: a run lies now as
 * the window's pieces do, now across two of them. */
static uint32_t mapped[PLACES];
static struct hf_extent sources[SOURCES]; /* the first page of each */
static uint64_t seed = 1;
static uint64_t maps, unmaps, refused, wrong;

static uint32_t pick(uint32_t below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((seed >> 33) % below);
}

static uint64_t number_of(uint32_t source, uint32_t page)
{
    return ((uint64_t)source + 1) << 32 | page;
}

static void unmap(uint32_t at)
{
    if (mapped[at] == 0)
        return;
    if (hf_unmap(&window, at * (PIECE / 2), mapped[at]) != HF_OK)
        refused++;
    mapped[at] = 0;
    unmaps++;
}

/* A run from the place before reaches to there, and one from there to the next. */
static void make_room(uint32_t at)
{
    if (at > 0)
        unmap(at - 1);
    unmap(at);
    if (at + 1 < PLACES)
        unmap(at + 1);
}

static void look_at(const void *address, uint32_t source, uint32_t first, uint32_t pages)
{
    const volatile uint64_t *seen = address;

    if (seen[0] != number_of(source, first) ||
        seen[(pages - 1) * (HF_PAGE_SIZE / 8)] != number_of(source, first + pages - 1))
        wrong++;
}

static void map(uint32_t at, uint32_t source, uint32_t first, uint32_t pages)
{
    struct hf_extent extent = sources[source];
    void *address;

    make_room(at);
    extent.first += first;
    extent.pages = pages;
    maps++;
    if (hf_map(&window, at * (PIECE / 2), &extent, 1, 0, NULL, &address) != HF_OK) {
        refused++;
        return;
    }
    mapped[at] = pages;
    look_at(address, source, first, pages);
}

static void map_any(uint32_t share)
{
    const uint32_t pages = pick(share) == 0 ? PIECE : 1;
    const uint32_t first = pages == PIECE ? pick(3) * (PIECE / 2) : pick(LENGTH);

    map(pick(PLACES), pick(SOURCES), first, pages);
}

/* While the guest waits, two whole pieces of the file on tmpfs are mapped, the one of which lies in
 * the host's address space as in the file, whether the arena is half a piece off or not: what
 * khugepaged can join, and what KVM can map by a large entry. */
static void map_whole_pieces(void)
{
    map(1, 1, 0, PIECE);
    map(PLACES - 1, 1, PIECE, PIECE);
}

static int open_object(const char *name, uint32_t source)
{
    struct hf_object_open object;

    CHECK_EQUAL(hf_object_open(name, &object), HF_OK);
    CHECK(object.bytes >= LENGTH * HF_PAGE_SIZE);
    sources[source] = (struct hf_extent){0, PIECE, object.id};
    return 0;
}

/* Through the window, as a driver would. */
static int number_source(uint32_t source)
{
    struct hf_extent extent = sources[source];
    void *address;

    extent.pages = LENGTH;
    CHECK_EQUAL(hf_map(&window, 0, &extent, 1, 0, NULL, &address), HF_OK);
    for (uint32_t page = 0; page < LENGTH; page++)
        ((volatile uint64_t *)address)[page * (HF_PAGE_SIZE / 8)] = number_of(source, page);
    CHECK_EQUAL(hf_unmap(&window, 0, LENGTH), HF_OK);
    return 0;
}

static int make_sources(void)
{
    const uint64_t piece = PIECE * HF_PAGE_SIZE;
    const uint8_t *ram = nano_pages(LENGTH + PIECE);

    CHECK(ram != NULL);
    const uint64_t aligned = ((uintptr_t)ram + piece - 1) / piece * piece;
    sources[0] = (struct hf_extent){aligned / HF_PAGE_SIZE, PIECE, HF_RAM};
    CHECK_EQUAL(open_object("tmpfs", 1), 0);
    CHECK_EQUAL(open_object("memfd", 2), 0);
    for (uint32_t source = 0; source < SOURCES; source++)
        CHECK_EQUAL(number_source(source), 0);
    return 0;
}

int guest_main(void)
{
    const char *text = nano_command_line();
    const uint64_t steps = number_at(&text);
    const uint64_t rounds = number_at(&text);
    const uint64_t share = number_at(&text);

    CHECK(steps > 0 && rounds > 0 && share > 0);
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(PIECES * PIECE * HF_PAGE_SIZE, TAG, 0, 0, &window), HF_OK);
    hf_printf("ready\n");
    nano_wait_for_byte();
    CHECK_EQUAL(make_sources(), 0);

    for (uint64_t step = 1; step <= steps; step++) {
        for (uint64_t round = 0; round < rounds; round++) {
            map_any((uint32_t)share);
            if (round % 50 == 0) /* a long step must not look like a standstill */
                hf_printf("round %lu\n", round);
        }
        map_whole_pieces();
        hf_printf("step %lu\n", step);
        nano_wait_for_byte();
    }
    for (uint32_t at = 0; at < PLACES; at++)
        unmap(at);
    hf_printf("maps %lu unmaps %lu refused %lu wrong %lu\n", maps, unmaps, refused, wrong);
    nano_wait_for_byte();
    return refused == 0 && wrong == 0 ? 0 : 1;
}
