/* SPDX-License-Identifier: MIT
 * Says what INFO does before and after RESERVE of 64 MiB, then maps isolated pages of RAM there and
 * touches each for the first time. Each time it says "ready", "reserved", "mapped" or "maps" it
 * goes on when a byte comes from the console. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG    0x444c4f54u /* "TOLD" */
#define BYTES  (64ull << 20)
#define PIECES 32u /* of 2 MiB, each with a table */
#define PAGES  512u

static struct hf_extent list[PAGES];

static int say_info(const char *when)
{
    struct hf_info info;

    CHECK_EQUAL(hf_info(&info), HF_OK);
    hf_printf("INFO %s features %u guarantee %u tables %lu ballast %lu\n", when, info.features,
              info.guarantee, info.tables_held, info.ballast_held);
    return 0;
}

int guest_main(void)
{
    struct hf_window window;
    uint8_t *source = nano_pages(2 * PAGES);
    void *address;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK(source != NULL);
    for (uint32_t i = 0; i < PAGES; i++)
        list[i] = (struct hf_extent){(uintptr_t)source / HF_PAGE_SIZE + 2 * i, 1, HF_RAM};
    CHECK_EQUAL(say_info("before"), 0);
    hf_printf("ready\n");
    nano_wait_for_byte();
    CHECK_EQUAL(hf_reserve(BYTES, TAG, 0, PAGES, &window), HF_OK);
    CHECK_EQUAL(say_info("after"), 0);
    hf_printf("reserved %u\n", PIECES);
    nano_wait_for_byte();
    CHECK_EQUAL(hf_map(&window, 0, list, PAGES, 0, NULL, &address), HF_OK);
    hf_printf("mapped\n");
    nano_wait_for_byte();
    for (uint32_t i = 0; i < PAGES; i++)
        *((volatile uint8_t *)address + i * (uint64_t)HF_PAGE_SIZE) = 1;
    hf_printf("maps %u\n", PAGES);
    nano_wait_for_byte();
    return 0;
}
