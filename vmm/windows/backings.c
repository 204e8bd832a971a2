/* SPDX-License-Identifier: MIT
 * The registry of what may stand behind a window page, and the check of one extent against it. */
#include "backings.h"

#include <string.h>

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void backings_init(struct backings *backings, uint64_t ram_pages, uint64_t below_hole,
                   uint64_t above_hole_page)
{
    /* Without a hole there is just one piece, of which an extent may take any part. */
    uint64_t below = above_hole_page == below_hole ? ram_pages : least(ram_pages, below_hole);

    memset(backings, 0, sizeof *backings);
    backings->ram[0] = (struct ram_range){.pages = below};
    backings->ram[1] =
        (struct ram_range){.gpa_page = above_hole_page, .pages = ram_pages - below, .first = below};
    backings->next_id = 1;
}

static uint32_t free_slot(const struct backings *backings)
{
    for (uint32_t slot = 1; slot <= BACKINGS_OBJECTS; slot++) {
        if (backings->object[slot].id == 0 && backings->object[slot].pins == 0)
            return slot;
    }
    return 0;
}

uint32_t backings_attach(struct backings *backings, const char *name, uint64_t bytes, bool writable)
{
    uint64_t pages = bytes / HF_PAGE_SIZE + (bytes % HF_PAGE_SIZE != 0);
    uint32_t slot = free_slot(backings);
    struct backing *object = &backings->object[slot];

    if (slot == 0 || backings->next_id == 0 || pages > BACKING_PAGES_MAX)
        return 0;
    *object = (struct backing){
        .id = backings->next_id, .writable = writable, .bytes = bytes, .pages = pages};
    strncpy(object->name, name, sizeof object->name - 1);
    backings->next_id = object->id == BACKINGS_ID_LAST ? 0 : object->id + 1;
    backings->by_id[backings->attached++] = (uint8_t)slot;
    return slot;
}

/* The position in by_id of the first object whose id is not less than this one. */
static uint32_t position(const struct backings *backings, uint32_t id)
{
    uint32_t low = 0;
    uint32_t high = backings->attached;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (backings->object[backings->by_id[middle]].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool backings_detach(struct backings *backings, uint32_t slot)
{
    const uint32_t pins = backings->object[slot].pins;
    const uint64_t extents = backings->object[slot].extents;
    uint8_t *entry = &backings->by_id[position(backings, backings->object[slot].id)];
    uint8_t *end = &backings->by_id[backings->attached];

    memmove(entry, entry + 1, (size_t)(end - (entry + 1)));
    backings->attached--;
    backings->object[slot] = (struct backing){.pins = pins, .extents = extents};
    return pins == 0;
}

void backings_pin(struct backings *backings, uint32_t slot)
{
    backings->object[slot].pins++;
}

bool backings_unpin(struct backings *backings, uint32_t slot)
{
    struct backing *object = &backings->object[slot];

    return --object->pins == 0 && object->id == 0;
}

uint32_t backings_by_name(const struct backings *backings, const char *name)
{
    for (uint32_t i = 0; i < backings->attached; i++) {
        if (strcmp(backings->object[backings->by_id[i]].name, name) == 0)
            return backings->by_id[i];
    }
    return 0;
}

uint32_t backings_by_id(const struct backings *backings, uint32_t id)
{
    uint32_t at = position(backings, id);

    if (at == backings->attached || backings->object[backings->by_id[at]].id != id)
        return 0;
    return backings->by_id[at];
}

/* Whether pages first to first + pages lie in a range that begins at base and has room pages. */
static bool inside(uint64_t first, uint64_t pages, uint64_t base, uint64_t room)
{
    return first >= base && first - base < room && pages <= room - (first - base);
}

static enum hf_status resolve_ram(const struct backings *backings, const struct hf_extent *extent,
                                  struct run *run)
{
    for (uint32_t i = 0; i < 2; i++) {
        const struct ram_range *piece = &backings->ram[i];

        if (inside(extent->first, extent->pages, piece->gpa_page, piece->pages)) {
            *run = (struct run){.first = piece->first + (extent->first - piece->gpa_page),
                                .pages = extent->pages,
                                .slot = BACKING_RAM};
            return HF_OK;
        }
    }
    return HF_BAD_PAGE;
}

enum hf_status backings_resolve(const struct backings *backings, const struct hf_extent *extent,
                                bool writable, struct run *run)
{
    if (extent->pages == 0)
        return HF_EMPTY_LIST;
    if (extent->object == HF_RAM)
        return resolve_ram(backings, extent, run);
    const uint32_t slot = backings_by_id(backings, extent->object);
    if (slot == 0 || !inside(extent->first, extent->pages, 0, backings->object[slot].pages))
        return HF_BAD_PAGE;
    if (writable && !backings->object[slot].writable)
        return HF_READ_ONLY;
    *run = (struct run){.first = extent->first, .pages = extent->pages, .slot = slot};
    return HF_OK;
}

enum hf_status backings_resolve_discard(const struct backings *backings,
                                        const struct hf_discard *call, uint32_t *slot)
{
    if (call->pages == 0)
        return HF_EMPTY_LIST;
    *slot = backings_by_id(backings, call->object);
    if (*slot == 0)
        return HF_NO_OBJECT;
    if (!inside(call->first, call->pages, 0, backings->object[*slot].pages))
        return HF_BAD_PAGE;
    return backings->object[*slot].writable ? HF_OK : HF_READ_ONLY;
}
