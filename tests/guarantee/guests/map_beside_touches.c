/* SPDX-License-Identifier: MIT
 * CPU 0 maps and unmaps a window of isolated pages, while CPU 1 touches memory for the first time:
 * a byte in each 2 MiB of RAM, or each page of the object "object". Says "ready" with the window
 * reserved and goes on when a byte comes from the console. Command line: "ROUNDS none", "ROUNDS
 * ram" or "ROUNDS object". */
#include "guest/nano/cpu.h"
#include "holdfast/guest.h"

#define TAG   0x48435554u /* "TUCH" */
#define PAGES 128u        /* in a window, each an extent */
#define LARGE (2u << 20)  /* what one table of the second level covers */

static struct hf_extent list[PAGES];
static struct hf_window window, object_window;
static uint64_t *sources; /* every second page is mapped, so that no two are neighbours */
static uint64_t refused;
static volatile uint64_t touched, to_touch;
static volatile char *object;

static void wait_for_byte(void)
{
    while (nano_getchar() < 0)
        __builtin_ia32_pause();
}

/* The first page of a piece may be one that the guest has used; the second is free RAM's, whose
 * content nobody needs. */
static void touch_ram(void *argument)
{
    (void)argument;
    for (uint64_t at = 32 * LARGE; at < to_touch; at += LARGE, touched++)
        *(volatile char *)(at + HF_PAGE_SIZE) = 1; /* NOLINT(performance-no-int-to-ptr) */
}

static void touch_object(void *argument)
{
    (void)argument;
    for (uint64_t at = 0; at < to_touch; at += HF_PAGE_SIZE, touched++)
        object[at] = 1;
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
    to_touch = opened.bytes;
    return 0;
}

static void map_all(uint64_t round)
{
    void *address;

    if (round > 0 && hf_unmap(&window, 0, PAGES) != HF_OK)
        refused++;
    for (uint64_t i = 0; i < PAGES; i++)
        list[i] = (struct hf_extent){(uintptr_t)sources / HF_PAGE_SIZE + 2 * ((i + round) % PAGES),
                                     1, HF_RAM};
    if (hf_map(&window, 0, list, PAGES, 0, NULL, &address) != HF_OK)
        refused++;
}

int guest_main(void)
{
    const char *what = nano_command_line();
    uint64_t rounds = 0;

    for (; *what >= '0' && *what <= '9'; what++)
        rounds = rounds * 10 + (uint64_t)(*what - '0');
    CHECK_EQUAL(hf_init(), HF_OK);
    sources = nano_pages(2 * PAGES);
    CHECK(sources != NULL && rounds > 0);
    for (uint32_t i = 0; i < 2 * PAGES; i++)
        sources[i * (HF_PAGE_SIZE / 8)] = i;
    CHECK_EQUAL(hf_reserve(PAGES * HF_PAGE_SIZE, TAG, 0, 0, &window), HF_OK);
    to_touch = nano_ram_end();
    if (strcmp(what, " object") == 0 && map_object() != 0)
        return 1;
    hf_printf("ready\n");
    wait_for_byte();
    if (strcmp(what, " none") != 0)
        nano_run_on(1, object != NULL ? touch_object : touch_ram, NULL);
    for (uint64_t round = 0; round < rounds; round++) {
        map_all(round);
        if (round % 16 == 0)
            hf_printf("round %lu touched %lu\n", round, touched);
    }
    hf_printf("maps %lu refused %lu\n", rounds, refused);
    if (strcmp(what, " none") != 0)
        nano_wait_for(1);
    hf_printf("end touched %lu\n", touched);
    wait_for_byte();
    return refused != 0;
}
