/* SPDX-License-Identifier: MIT
 * Maps an object after the host has forbidden it: host_failure.py does that at the line "ready". */
#include "holdfast/guest.h"
#include "nano.h"
#include "tests/guest/access.h"

#define TAG 0x54455354u

int guest_main(void)
{
    struct hf_object_open object;
    struct hf_window window;
    struct hf_stat stat;
    uint64_t *page = nano_pages(1);

    CHECK(page != NULL && hf_init() == HF_OK);
    CHECK_EQUAL(hf_object_open("closed", &object), HF_OK);
    CHECK_EQUAL(hf_reserve(16384, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent list[] = {{(uintptr_t)page / HF_PAGE_SIZE, 1, HF_RAM},
                                     {0, 1, object.id}};
    char *const first = window.address;

    hf_printf("ready\n");
    nano_wait_for_byte();

    /* A MAP of which a part is refused maps nothing, and the books have nothing of it. */
    CHECK_EQUAL(hf_map(&window, 0, list, 2, 0, NULL, NULL), HF_HOST_FAILURE);
    CHECK(read_is_gp(first) && read_is_gp(first + HF_PAGE_SIZE));
    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    CHECK(stat.mapped_pages == 0 && stat.extents == 0 && stat.mappings == 0);
    CHECK(stat.maps == 0 && stat.unmaps == 0);
    CHECK_EQUAL(hf_unmap(&window, 0, 2), HF_UNMAP_NOT_MAPPED);

    /* After a REMAP that is refused the old mapping is unmapped, too; others are as they were. */
    CHECK_EQUAL(hf_map(&window, 0, list, 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_map(&window, 3, list, 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_remap(&window, 0, 1, 1, list, 2, 0, NULL, NULL), HF_HOST_FAILURE);
    for (uint64_t i = 0; i < 3; i++)
        CHECK(read_is_gp(first + i * HF_PAGE_SIZE));
    CHECK(can_read(first + 3 * HF_PAGE_SIZE, NULL));
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_UNMAP_NOT_MAPPED);
    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    CHECK(stat.mapped_pages == 1 && stat.extents == 1 && stat.mappings == 1);
    CHECK(stat.maps == 2 && stat.unmaps == 1);

    /* The window is as good as before. */
    CHECK_EQUAL(hf_map(&window, 0, list, 1, 0, NULL, NULL), HF_OK);
    CHECK(can_write(first, 77));
    CHECK_EQUAL(*page, 77);
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 3, 1), HF_OK);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}
