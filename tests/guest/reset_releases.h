/* SPDX-License-Identifier: MIT
 * Boots again and again through a reset; a memfd, whose content a reset leaves alone, holds what
 * one boot tells the next. */
#ifndef HOLDFAST_TESTS_RESET_RELEASES_H
#define HOLDFAST_TESTS_RESET_RELEASES_H

#include "access.h"
#include "raw_calls.h"

struct notes {
    uint64_t boots;
    struct hf_info all_free;
    struct hf_window old; /* of the boot before */
};

static struct hf_window notes_window;

/* Maps the notes; NULL on failure. */
static inline struct notes *reset_notes(struct hf_info *at_boot)
{
    struct hf_object_open object;
    void *address;

    if (hf_init() != HF_OK || hf_info(at_boot) != HF_OK ||
        hf_object_open("notes", &object) != HF_OK ||
        hf_reserve(4096, TAG, 0, 0, &notes_window) != HF_OK)
        return NULL;
    const struct hf_extent list = {0, 1, object.id};
    return hf_map(&notes_window, 0, &list, 1, 0, NULL, &address) == HF_OK ? address : NULL;
}

/* Whether nothing is left of the window that the boot before had mapped. */
static inline int reset_check(const struct notes *notes, const struct hf_info *at_boot)
{
    struct hf_release release = {.window = notes->old.handle, .tag = TAG};
    struct hf_stat stat = {.window = notes->old.handle};
    struct hf_window window;

    CHECK(memcmp(at_boot, &notes->all_free, sizeof *at_boot) == 0);
    CHECK_EQUAL(CALL(STAT, stat), HF_STAT_NO_WINDOW);
    CHECK_EQUAL(CALL(RELEASE, release), HF_RELEASE_NO_WINDOW);
    /* The notes' own window comes first again, and so does the next. */
    CHECK_EQUAL(hf_reserve(notes->old.pages * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(window.base.value, notes->old.base.value);
    CHECK(window.handle != notes->old.handle);
    for (uint64_t i = 0; i < window.pages; i++)
        CHECK(read_is_gp((char *)window.address + i * 4096));
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}

/* Leaves a window with something mapped behind. */
static inline int reset_leave_behind(struct notes *notes)
{
    const struct hf_extent list[] = {{page_of(raw_pages), 2, HF_RAM},
                                     {page_of(raw_pages), 1, HF_RAM}};

    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &notes->old), HF_OK);
    CHECK_EQUAL(hf_map(&notes->old, 0, list, 2, 0, NULL, NULL), HF_OK);
    CHECK(can_read(notes->old.address, NULL));
    return 0;
}

#endif
