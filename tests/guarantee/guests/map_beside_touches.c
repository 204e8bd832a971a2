/* SPDX-License-Identifier: MIT
 * CPU 0 maps and unmaps a window of isolated pages and looks at each, while CPU 1 does something
 * else: "none" nothing; "ram" touches a byte in each 2 MiB of RAM for the first time, "object" each
 * page of the object "object"; "all" does both, in small portions, with access faults of every kind
 * in between, until CPU 0 is done. Says "ready" with the window reserved
 * and goes on when a byte comes from the console. Command line: "ROUNDS WORD". */
#include "guest/nano/cpu.h"
#include "holdfast/guest.h"

#define TAG     0x48435554u /* "TUCH" */
#define PAGES   128u        /* in a window, each an extent */
#define LARGE   (2u << 20)  /* what one table of the second level covers */
#define PORTION 16u         /* touches between two rounds of faults */
#define TOLD    256u        /* touches between two lines */

static struct hf_extent list[PAGES];
static struct hf_window window, object_window, faults_window;
static uint64_t *sources; /* every second page is mapped, so that no two are neighbours */
static uint64_t refused, wrong, slowest;
static volatile uint64_t touched, faulted, done;
static volatile bool all_touched;
static volatile char *object;
static uint64_t object_bytes, ram_at = 32 * LARGE, object_at;

/* The first page of a piece may be one that the guest has used; the second is free RAM's, whose
 * content nobody needs. */
static bool touch_ram(void)
{
    if (ram_at >= nano_ram_end())
        return false;
    *(volatile char *)(ram_at + HF_PAGE_SIZE) = 1; /* NOLINT(performance-no-int-to-ptr) */
    ram_at += LARGE;
    touched++;
    return true;
}

static bool touch_object(void)
{
    if (object_at >= object_bytes)
        return false;
    object[object_at] = 1;
    object_at += HF_PAGE_SIZE;
    touched++;
    return true;
}

static void read_byte(void *at)
{
    (void)*(volatile char *)at;
}

static void write_byte(void *at)
{
    *(volatile char *)at = 1;
}

static void execute(void *at)
{
    __asm__ volatile("call *%0" : : "r"(at) : "memory");
}

/* The first page of the window is read-only, nothing is behind the second. */
static void fault(void)
{
    char *first = faults_window.address;
    char *second = first + HF_PAGE_SIZE;
    void (*const ways[])(void *) = {read_byte, write_byte, execute};

    for (uint32_t way = 0; way < 3; way++) {
        faulted += !nano_try(ways[way], second, NULL);
        faulted += !nano_try_user(ways[way], second, NULL);
    }
    faulted += !nano_try(write_byte, first, NULL);
    faulted += !nano_try_user(write_byte, first, NULL);
}

static void touch(void *argument)
{
    const char *what = argument;

    if (strcmp(what, "all") != 0) {
        while (strcmp(what, "ram") == 0 ? touch_ram() : touch_object())
            ;
        all_touched = true;
        return;
    }
    while (done == 0) {
        for (uint32_t i = 0; i < PORTION; i++) {
            touch_ram();
            touch_object();
        }
        fault();
    }
    all_touched = true;
}

/* A line for each so many: who reads them takes silence for a standstill. */
static void wait_for_touches(void)
{
    for (uint64_t told = touched; !all_touched;) {
        if (touched - told < TOLD)
            continue;
        told = touched;
        hf_printf("touched %lu faulted %lu\n", told, faulted);
    }
    nano_wait_for(1);
}

static int map_object(void)
{
    struct hf_object_open opened;
    void *address;

    CHECK_EQUAL(hf_object_open("object", &opened), HF_OK);
    const struct hf_extent all = {0, (uint32_t)(opened.bytes / HF_PAGE_SIZE), opened.id};
    CHECK_EQUAL(hf_reserve(opened.bytes, TAG, 0, 1, &object_window), HF_OK);
    CHECK_EQUAL(hf_map(&object_window, 0, &all, 1, 0, NULL, &address), HF_OK);
    object = address;
    object_bytes = opened.bytes;
    return 0;
}

static int map_for_faults(void)
{
    const struct hf_extent page = {(uintptr_t)sources / HF_PAGE_SIZE, 1, HF_RAM};
    void *address;

    CHECK_EQUAL(hf_reserve(2 * HF_PAGE_SIZE, TAG, 0, 0, &faults_window), HF_OK);
    CHECK_EQUAL(hf_map(&faults_window, 0, &page, 1, HF_MAP_READ_ONLY, NULL, &address), HF_OK);
    return 0;
}

static void look_at(const volatile uint64_t *address)
{
    for (uint32_t i = 0; i < PAGES; i++)
        wrong += address[i * (HF_PAGE_SIZE / 8)] != list[i].first;
}

static void map_all(uint64_t round)
{
    void *address;

    if (round > 0 && hf_unmap(&window, 0, PAGES) != HF_OK)
        refused++;
    for (uint64_t i = 0; i < PAGES; i++)
        list[i] = (struct hf_extent){(uintptr_t)sources / HF_PAGE_SIZE + 2 * ((i + round) % PAGES),
                                     1, HF_RAM};
    const uint64_t start = nano_tsc();
    const int status = hf_map(&window, 0, list, PAGES, 0, NULL, &address);
    if (nano_tsc() - start > slowest)
        slowest = nano_tsc() - start;
    if (status != HF_OK)
        refused++;
    else
        look_at(address);
}

static int prepare(const char *what)
{
    CHECK_EQUAL(hf_init(), HF_OK);
    sources = nano_pages(2 * PAGES);
    CHECK(sources != NULL);
    for (uint32_t i = 0; i < 2 * PAGES; i++)
        sources[i * (HF_PAGE_SIZE / 8)] = (uintptr_t)sources / HF_PAGE_SIZE + i;
    CHECK_EQUAL(hf_reserve(PAGES * HF_PAGE_SIZE, TAG, 0, 0, &window), HF_OK);
    if (strcmp(what, "object") == 0 || strcmp(what, "all") == 0)
        CHECK_EQUAL(map_object(), 0);
    CHECK_EQUAL(map_for_faults(), 0);
    return 0;
}

int guest_main(void)
{
    char *what = (char *)(uintptr_t)nano_command_line();
    uint64_t rounds = 0;

    for (; *what >= '0' && *what <= '9'; what++)
        rounds = rounds * 10 + (uint64_t)(*what - '0');
    what++; /* a blank */
    if (rounds == 0 || prepare(what) != 0)
        return 1;
    const bool alone = strcmp(what, "none") == 0;
    hf_printf("ready\n");
    nano_wait_for_byte();
    if (!alone)
        nano_run_on(1, touch, what);
    for (uint64_t round = 0; round < rounds; round++) {
        map_all(round);
        if (round % 16 == 0)
            hf_printf("round %lu touched %lu faulted %lu\n", round, touched, faulted);
    }
    done = 1;
    hf_printf("maps %lu refused %lu wrong %lu slowest %lu ticks\n", rounds, refused, wrong,
              slowest);
    if (!alone)
        wait_for_touches();
    hf_printf("end touched %lu faulted %lu\n", touched, faulted);
    nano_wait_for_byte();
    return refused != 0 || wrong != 0;
}
