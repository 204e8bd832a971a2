/* SPDX-License-Identifier: MIT
 * CPU 1 makes one call on a window, for which its host lets it wait for ever. CPU 0 makes every
 * other call meanwhile, over and over, on other windows, and runs into a fault there; each must be
 * answered as always. Says "round N" each time, and how often CPU 1's call has returned. Ends when
 * a byte comes from the console. Command line: "map", "unmap" or "remap", the call that waits.
 * There is to be an object "object" of at least four pages. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x54494157u /* "WAIT" */

static const char *waiting;
static struct hf_window held, window;
static uint64_t source; /* a page of RAM that holds its own number; its neighbour, too */
static volatile uint64_t begun, returned;

static int map_ram(struct hf_window *where, bool instead)
{
    const struct hf_extent page = {source + instead, 1, HF_RAM};
    void *address;

    return instead ? hf_remap(where, 0, 1, 0, &page, 1, 0, NULL, &address)
                   : hf_map(where, 0, &page, 1, 0, NULL, &address);
}

static void make_waiting_call(void *argument)
{
    begun = 1;
    if (strcmp(waiting, "unmap") == 0)
        hf_unmap(&held, 0, 1);
    else
        map_ram(&held, strcmp(waiting, "remap") == 0);
    returned++;
    (void)argument;
}

static void read_behind(void *argument)
{
    (void)*(const volatile char *)argument;
}

static int map_and_look(void)
{
    const volatile uint64_t *seen = window.address;

    CHECK_EQUAL(map_ram(&window, false), HF_OK);
    CHECK_EQUAL(*seen, source);
    CHECK(!nano_try(read_behind, (char *)window.address + HF_PAGE_SIZE, NULL));
    CHECK_EQUAL(map_ram(&window, true), HF_OK);
    CHECK_EQUAL(*seen, source + 1);
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    return 0;
}

static int use_object(void)
{
    struct hf_object_open opened;
    void *address;

    CHECK_EQUAL(hf_object_open("object", &opened), HF_OK);
    const struct hf_extent pages = {0, 4, opened.id};
    CHECK_EQUAL(hf_map(&window, 0, &pages, 1, 0, NULL, &address), HF_OK);
    for (uint32_t i = 0; i < 4; i++)
        *((volatile char *)address + i * HF_PAGE_SIZE) = 1;
    CHECK_EQUAL(hf_unmap(&window, 0, 4), HF_OK);
    CHECK_EQUAL(hf_flush(opened.id), HF_OK);
    CHECK_EQUAL(hf_discard(opened.id, 0, 4), HF_OK);
    return 0;
}

static int ask(void)
{
    struct hf_window other;
    struct hf_info info;
    struct hf_stat stat;

    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(hf_stat(&held, &stat), HF_OK);
    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    /* Its ballast may be lent to the call that waits. */
    const int status = hf_reserve(4 * HF_PAGE_SIZE, TAG, 0, 0, &other);
    CHECK(status == HF_OK || status == HF_NO_RESOURCES);
    if (status == HF_OK)
        CHECK_EQUAL(hf_release(&other), HF_OK);
    return 0;
}

int guest_main(void)
{
    waiting = nano_command_line();
    uint64_t *pages = nano_pages(2);
    CHECK(pages != NULL);
    source = (uintptr_t)pages / HF_PAGE_SIZE;
    pages[0] = source;
    pages[HF_PAGE_SIZE / 8] = source + 1;
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4 * HF_PAGE_SIZE, TAG, 0, 0, &held), HF_OK);
    CHECK_EQUAL(hf_reserve(4 * HF_PAGE_SIZE, TAG, 0, 0, &window), HF_OK);
    if (strcmp(waiting, "map") != 0)
        CHECK_EQUAL(map_ram(&held, false), HF_OK);
    hf_printf("ready\n");
    nano_run_on(1, make_waiting_call, NULL);
    while (begun == 0)
        __builtin_ia32_pause();
    for (uint64_t round = 1; nano_getchar() < 0; round++) {
        CHECK_EQUAL(map_and_look(), 0);
        CHECK_EQUAL(use_object(), 0);
        CHECK_EQUAL(ask(), 0);
        hf_printf("round %lu returned %lu\n", round, returned);
    }
    hf_printf("end returned %lu\n", returned);
    return 0;
}
