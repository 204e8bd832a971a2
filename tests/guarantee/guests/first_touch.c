/* SPDX-License-Identifier: MIT
 * Maps 512 pages, then touches each for the first time; in a loop over one window. The pages are of
 * RAM, or of the object "file" if the command line says "file". Each time it says "ready", "mapped"
 * or "touched" it goes on when a byte comes from the console. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG    0x48435554u /* "TUCH" */
#define PAGES  512u
#define ROUNDS 4u

static struct hf_extent list[PAGES];

int guest_main(void)
{
    const bool file = strcmp(nano_command_line(), "file") == 0;
    struct hf_object_open object;
    struct hf_window window;
    uint8_t *source = nano_pages(2 * PAGES);
    uint64_t sum = 0;
    void *address;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK(source != NULL);
    if (file)
        CHECK_EQUAL(hf_object_open("file", &object), HF_OK);
    for (uint32_t i = 0; i < PAGES; i++)
        list[i] = file ? (struct hf_extent){i, 1, object.id}
                       : (struct hf_extent){(uintptr_t)source / HF_PAGE_SIZE + 2 * i, 1, HF_RAM};
    CHECK_EQUAL(hf_reserve(PAGES * HF_PAGE_SIZE, TAG, 0, 0, &window), HF_OK);
    hf_printf("ready\n");
    for (uint32_t round = 0; round < ROUNDS; round++) {
        nano_wait_for_byte();
        CHECK_EQUAL(hf_map(&window, 0, list, PAGES, 0, NULL, &address), HF_OK);
        hf_printf("mapped %u\n", round);
        nano_wait_for_byte();
        for (uint32_t i = 0; i < PAGES; i++) {
            volatile uint64_t *word = (volatile uint64_t *)address + i * (HF_PAGE_SIZE / 8);
            sum += *word;
            *word = sum;
        }
        hf_printf("touched %u\n", round);
        nano_wait_for_byte();
        CHECK_EQUAL(hf_unmap(&window, 0, PAGES), HF_OK);
    }
    hf_printf("maps %u\n", ROUNDS);
    nano_wait_for_byte();
    return 0;
}
