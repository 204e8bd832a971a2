/* SPDX-License-Identifier: MIT
 * What the host does in a random run: objects come and go, step by step. */
#ifndef HOLDFAST_TESTS_WINDOWS_RANDOM_OBJECTS_H
#define HOLDFAST_TESTS_WINDOWS_RANDOM_OBJECTS_H

#include "windows_compare.h"

static inline void attach(uint32_t slot)
{
    struct model_object *object = &model.object[slot];

    *object = (struct model_object){.pages = below(MODEL_BACKING) + 1, .writable = !one_in(3)};
    assert_int_equal(backings_attach(&table.backings, "object",
                                     object->pages * HF_PAGE_SIZE - below(HF_PAGE_SIZE),
                                     object->writable),
                     slot);
    object->id = table.backings.object[slot].id;
}

static inline void expect_detached(uint32_t slot, uint64_t first, uint64_t pages)
{
    for (uint64_t at = first - MODEL_BASE; at < first - MODEL_BASE + pages; at++) {
        struct model_page *page = &model.page[at];

        assert_true(page->map && page->slot == slot && !page->is_detached);
        page->is_detached = true;
        model_use(&model, page, -1);
    }
}

static uint32_t going; /* slot of an object that is being detached step by step; 0: none */

static inline void begin_detach(void)
{
    going = 1 + (uint32_t)below(MODEL_SLOTS - 1);
    stale_ids[below(STALE)] = model.object[going].id;
    backings_pin(&table.backings, going);
    assert_false(backings_detach(&table.backings, going));
    model.object[going] = (struct model_object){.id = 0};
}

static inline void end_detach(void)
{
    for (uint32_t at = 0; at < MODEL_PAGES; at++)
        assert_false(model.page[at].map && model.page[at].slot == going &&
                     !model.page[at].is_detached);
    assert_int_equal(table.backings.object[going].extents, 0);
    compare_everything();
    assert_true(backings_unpin(&table.backings, going));
    attach(going);
    going = 0;
}

/* Takes a few extents of the object out; all other calls come in between. */
static inline void step_detach(void)
{
    uint64_t first, pages;

    for (uint64_t left = one_in(10) ? MODEL_EXTENTS : below(8); left > 0; left--) {
        if (!windows_disown(table.windows, going, &first, &pages)) {
            end_detach();
            return;
        }
        expect_detached(going, first, pages);
    }
}

#endif
