/* SPDX-License-Identifier: MIT
 * Through a read-only mapping the guest reads but cannot write, in either ring; through another
 * mapping of the same pages it can, and both show it. */
/* vm: --object name=disk,size=64K */
#include "access.h"
#include "raw_calls.h"

static bool user_write_is_gp(void *at)
{
    struct access access = {.at = at, .value = 1};
    struct nano_exception exception = {.vector = 0};

    return !nano_try_user(access_write, &access, &exception) && exception.vector == VECTOR_GP;
}

static int check(const struct hf_extent *extent)
{
    struct hf_window window;
    void *at;
    uint64_t seen;

    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(hf_map(&window, 0, extent, 1, HF_MAP_READ_ONLY, NULL, &at), HF_OK);
    uint64_t *reading = at;
    CHECK_EQUAL(hf_map(&window, 1, extent, 1, 0, NULL, &at), HF_OK);
    uint64_t *writing = at;
    *(volatile uint64_t *)&writing[3] = 0x1111;

    /* The guest's own page tables would stop the write before the VMM's protection does. */
    *nano_pte(reading) |= 2;
    __asm__ volatile("invlpg (%0)" : : "r"(reading) : "memory");
    CHECK(can_read(&reading[3], &seen));
    CHECK_EQUAL(seen, 0x1111);
    CHECK(write_is_gp(&reading[3]));
    CHECK(user_write_is_gp(&reading[3]));
    CHECK(can_write(&writing[3], 0x2222));
    CHECK(can_read(&reading[3], &seen));
    CHECK_EQUAL(seen, 0x2222);

    /* Mapped writable in the same place, it can be written. */
    CHECK_EQUAL(hf_remap(&window, 0, 1, 0, extent, 1, 0, NULL, NULL), HF_OK);
    CHECK(can_write(&reading[3], 0x3333));
    CHECK(can_read(&writing[3], &seen));
    CHECK_EQUAL(seen, 0x3333);
    /* And back. */
    CHECK_EQUAL(hf_remap(&window, 0, 1, 0, extent, 1, HF_MAP_READ_ONLY, NULL, NULL), HF_OK);
    *nano_pte(reading) |= 2;
    __asm__ volatile("invlpg (%0)" : : "r"(reading) : "memory");
    CHECK(write_is_gp(&reading[3]));
    return 0;
}

int guest_main(void)
{
    struct hf_object_open disk;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("disk", &disk), HF_OK);
    const struct hf_extent ram = {page_of(nano_pages(1)), 1, HF_RAM};
    const struct hf_extent object = {5, 1, disk.id};
    CHECK_EQUAL(check(&ram), 0);
    CHECK_EQUAL(check(&object), 0);
    return 0;
}
