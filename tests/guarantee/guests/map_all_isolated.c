/* SPDX-License-Identifier: MIT
 * Maps every extent that RESERVE gives, each page between two that are not mapped, and unmaps them
 * again: the VMM then has as many VMAs as it will ever have. Says "ready" with the window reserved,
 * and "mapped" with all of it mapped; each time it goes on when a byte comes from the console.
 * Command line: how many extents; 0: all that INFO announces. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG     0x4c4c4149u /* "IALL" */
#define SOURCES 64u
#define REPORT  1000u

static uint64_t *sources;
static struct hf_window window;

static uint64_t wanted(void)
{
    uint64_t value = 0;

    for (const char *text = nano_command_line(); *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    return value;
}

static uint64_t *source(uint64_t i)
{
    return sources + i % SOURCES * (HF_PAGE_SIZE / 8);
}

static int map_all(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        const struct hf_extent extent = {(uintptr_t)source(i) / HF_PAGE_SIZE, 1, HF_RAM};
        void *address;
        CHECK_EQUAL(hf_map(&window, 2 * i, &extent, 1, 0, NULL, &address), HF_OK);
        CHECK_EQUAL(*(volatile uint64_t *)address, i % SOURCES);
        if (i % REPORT == 0)
            hf_printf("extents %lu\n", i);
    }
    return 0;
}

/* Each page a second time, now that all are there; then it goes. Not in order, so that the guard
 * grows together only late. */
static int unmap_all(uint64_t count)
{
    uint64_t unmapped = 0;

    for (uint64_t i = 0; i < count; i++)
        CHECK_EQUAL(*(volatile uint64_t *)((char *)window.address + 2 * i * HF_PAGE_SIZE),
                    i % SOURCES);
    hf_printf("read %lu\n", count);
    for (uint64_t start = 0; start < 7; start++) {
        for (uint64_t i = start; i < count; i += 7) {
            CHECK_EQUAL(hf_unmap(&window, 2 * i, 1), HF_OK);
            if (++unmapped % REPORT == 0)
                hf_printf("unmapped %lu\n", unmapped);
        }
    }
    return 0;
}

int guest_main(void)
{
    struct hf_info info;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    const uint64_t count = wanted() > 0 ? wanted() : info.extents_free;
    sources = nano_pages(SOURCES);
    CHECK(sources != NULL);
    for (uint64_t i = 0; i < SOURCES; i++)
        *source(i) = i;
    CHECK_EQUAL(hf_reserve(2 * count * HF_PAGE_SIZE, TAG, 0, (uint32_t)count, &window), HF_OK);
    hf_printf("ready %lu\n", count);
    nano_wait_for_byte();
    if (map_all(count) != 0)
        return 1;
    hf_printf("mapped\n");
    nano_wait_for_byte();
    if (unmap_all(count) != 0)
        return 1;
    CHECK_EQUAL(hf_release(&window), HF_OK);
    hf_printf("maps %lu refused 0\n", count);
    return 0;
}
