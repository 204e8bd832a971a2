/* SPDX-License-Identifier: MIT
 * Free RAM, a bit a page. */
#include "cpu.h"
#include "holdfast/abi.h"
#include "lock.h"

#define E820_COUNT  0x1e8u /* in struct boot_params */
#define E820_TABLE  0x2d0u
#define E820_RAM    1u
#define LOWEST_PAGE 0x100u /* what lies below 1 MiB is left to the loader and the other CPUs */

struct __attribute__((packed)) e820_entry {
    uint64_t start;
    uint64_t bytes;
    uint32_t type;
};

extern char nano_image_end[];

static struct nano_lock lock;
static uint64_t *free_map; /* bit set: free */
static uint64_t page_count;
static uint64_t free_count;
static uint64_t search_from; /* a hint */

static bool is_free(uint64_t page)
{
    return (free_map[page / 64] >> page % 64 & 1) != 0;
}

static void set_free(uint64_t page, bool free)
{
    const uint64_t bit = 1ull << page % 64;

    if (free)
        free_map[page / 64] |= bit;
    else
        free_map[page / 64] &= ~bit;
}

static const struct e820_entry *entry(const uint8_t *boot_params, unsigned number)
{
    return (const struct e820_entry *)(boot_params + E820_TABLE) + number;
}

uint64_t nano_ram_end(void)
{
    return page_count * HF_PAGE_SIZE;
}

/* Frees whole words of the map at a time: a guest with much RAM has many pages. */
static void free_range(uint64_t page, uint64_t end)
{
    free_count += end - page;
    for (; page < end && page % 64 != 0; page++)
        set_free(page, true);
    for (; end - page >= 64; page += 64)
        free_map[page / 64] = UINT64_MAX;
    for (; page < end; page++)
        set_free(page, true);
}

void nano_pages_init(const void *boot_params)
{
    const uint8_t *params = boot_params;
    const unsigned entries = params[E820_COUNT];
    uint64_t first = ((uintptr_t)nano_image_end + HF_PAGE_SIZE - 1) / HF_PAGE_SIZE;

    for (unsigned i = 0; i < entries; i++) {
        const uint64_t end = entry(params, i)->start + entry(params, i)->bytes;
        if (entry(params, i)->type == E820_RAM && end / HF_PAGE_SIZE > page_count)
            page_count = end / HF_PAGE_SIZE;
    }
    free_map = (uint64_t *)nano_image_end;
    const uint64_t map_bytes = (page_count + 63) / 64 * 8;
    memset(free_map, 0, map_bytes);
    first += (map_bytes + HF_PAGE_SIZE - 1) / HF_PAGE_SIZE;
    search_from = first;

    for (unsigned i = 0; i < entries; i++) {
        uint64_t page = entry(params, i)->start / HF_PAGE_SIZE;
        const uint64_t end = page + entry(params, i)->bytes / HF_PAGE_SIZE;
        if (page < first)
            page = first;
        if (entry(params, i)->type == E820_RAM && page >= LOWEST_PAGE && page < end)
            free_range(page, end);
    }
}

/* The first of count free pages in a row at or behind from; 0 if there are none. */
static uint64_t find(uint64_t from, uint64_t end, size_t count)
{
    uint64_t run = 0;

    for (uint64_t page = from; page < end; page++) {
        if (page % 64 == 0 && run == 0 && free_map[page / 64] == 0) {
            page += 63;
            continue;
        }
        run = is_free(page) ? run + 1 : 0;
        if (run == count)
            return page - count + 1;
    }
    return 0;
}

/* Takes count pages in a row out of [lowest, end): the first, or 0. */
static uint64_t take(uint64_t lowest, uint64_t end, size_t count)
{
    if (end > page_count)
        end = page_count;
    const uint64_t state = nano_lock_take(&lock);
    uint64_t page = 0;
    if (count > 0 && count <= free_count) {
        page = find(search_from > lowest ? search_from : lowest, end, count);
        if (page == 0)
            page = find(lowest, end, count);
    }
    if (page != 0) {
        for (size_t i = 0; i < count; i++)
            set_free(page + i, false);
        free_count -= count;
        search_from = page + count;
    }
    nano_lock_give(&lock, state);
    return page;
}

static void give(uint64_t page, size_t count)
{
    const uint64_t state = nano_lock_take(&lock);

    for (size_t i = 0; i < count; i++)
        set_free(page + i, true);
    free_count += count;
    if (page < search_from)
        search_from = page;
    nano_lock_give(&lock, state);
}

void *nano_pages(size_t count)
{
    const uint64_t page = take(LOWEST_PAGE, page_count, count);

    if (page == 0)
        return NULL;
    void *memory = (void *)(page * HF_PAGE_SIZE);
    memset(memory, 0, count * HF_PAGE_SIZE);
    return memory;
}

void nano_free_pages(void *pages, size_t count)
{
    give((uintptr_t)pages / HF_PAGE_SIZE, count);
}

size_t nano_pages_free(void)
{
    return free_count;
}

uint64_t hf_platform_take_page(uint64_t lowest, uint64_t highest);
void hf_platform_give_page(uint64_t page);

uint64_t hf_platform_take_page(uint64_t lowest, uint64_t highest)
{
    const uint64_t page = take(lowest > LOWEST_PAGE ? lowest : LOWEST_PAGE,
                               highest < page_count ? highest + 1 : page_count, 1);

    if (page != 0)
        memset((void *)(page * HF_PAGE_SIZE), 0, HF_PAGE_SIZE);
    return page;
}

void hf_platform_give_page(uint64_t page)
{
    give(page, 1);
}
