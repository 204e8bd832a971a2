/* SPDX-License-Identifier: MIT
 * A map that changes page tables comes back with interrupts off, although the other CPU has them
 * off, too, and waits for the lock under which the map is made. */
/* vm: --vcpus 2 */
#include "guest/lib/platform.h"
#include "guest/lib/spin_lock.h"
#include "holdfast/guest.h"
#include "nano.h"

#define ROUNDS 30

static struct hf_spin_lock lock;
static struct hf_window window;
static uint64_t ram_page;
static int failed;

static void map_and_unmap(void *argument)
{
    const struct hf_extent page = {.first = ram_page, .pages = 1};

    (void)argument;
    for (unsigned round = 0; round < ROUNDS; round++) {
        enum hf_cache cache = round % 2 == 0 ? HF_CACHE_NONCACHED : HF_CACHE_CACHED;
        const uint64_t pin = hf_platform_pin();

        hf_spin_lock(&lock);
        if (hf_map(&window, 0, &page, 1, 0, &cache, NULL) != HF_OK ||
            hf_unmap(&window, 0, 1) != HF_OK)
            failed = 1;
        hf_spin_unlock(&lock);
        hf_platform_unpin(pin);
    }
}

int guest_main(void)
{
    CHECK(hf_init() == HF_OK);
    CHECK(hf_reserve(HF_PAGE_SIZE, 1, 0, 0, &window) == HF_OK);
    ram_page = hf_platform_take_page(0, UINT64_MAX);
    CHECK(ram_page != 0);
    nano_run_on(1, map_and_unmap, NULL);
    map_and_unmap(NULL);
    nano_wait_for(1);
    CHECK(!failed);
    return 0;
}
