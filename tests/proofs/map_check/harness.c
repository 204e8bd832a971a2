/* SPDX-License-Identifier: MIT */
/* holds: every MAP of up to 3 extents, alone or as REMAP's, in any window with up to 2 mappings */
/* options: --unsigned-overflow-check --unwind 4 */
#include "tests/proofs/proof.h"
#include "vmm/windows/map.c"

#define LIST 3u

struct map_request nondet_map_request(void);
struct hf_extent nondet_extent(void);

/* ---- what map.c calls; each is proved or tested by itself ---- */

static enum hf_status resolved[LIST];
static struct hf_extent list[LIST];

/* Any answer, and the run that comes with HF_OK. */
enum hf_status backings_resolve(const struct backings *backings, const struct hf_extent *extent,
                                bool writable, struct run *run)
{
    (void)backings;
    (void)writable;
    *run = (struct run){.first = extent->first, .pages = extent->pages};
    return resolved[extent - list];
}

/* Two mappings at most, the first before the second. */
static struct extent_record before;
static struct extent_record after;
static uint32_t mappings;

struct mapping *mappings_ending_behind(const struct window *window, uint64_t offset)
{
    (void)window;
    if (mappings > 0 && mapping_end(&before.mapping) > offset)
        return &before.mapping;
    return mappings > 1 && mapping_end(&after.mapping) > offset ? &after.mapping : NULL;
}

struct mapping *mappings_next(struct mapping *mapping)
{
    return mappings > 1 && mapping == &before.mapping ? &after.mapping : NULL;
}

void live_insert(struct windows *windows, struct extent *extent)
{
    (void)windows;
    (void)extent;
}

enum hf_cache live_type_in_force(const struct windows *windows, const struct run *runs,
                                 uint32_t count, enum hf_cache asked)
{
    (void)windows;
    (void)runs;
    (void)count;
    return asked;
}

void mappings_insert(struct window *window, struct mapping *mapping)
{
    (void)window;
    (void)mapping;
}

struct extent_record *extents_take(struct spare_list *spare)
{
    return spare->first;
}

/* ---- the proof ---- */

static void any_mapping(struct extent_record *record, const struct window *window, uint64_t from)
{
    record->extent.offset = nondet_u32();
    record->mapping.pages = nondet_u32();
    record->mapping.extents = nondet_u32();
    ASSUME(record->extent.offset >= from && record->mapping.pages > 0);
    ASSUME(mapping_end(&record->mapping) <= window->span.pages);
}

static bool meets(const struct extent_record *record, uint64_t offset, uint64_t pages)
{
    return mapping_offset(&record->mapping) < offset + pages &&
           mapping_end(&record->mapping) > offset;
}

/* The rules of the manual, in the order in which they apply. */
static enum hf_status right_status(const struct window *window, const struct map_request *request,
                                   uint32_t count, const struct mapping *without)
{
    uint64_t pages = 0;
    const uint32_t leaving = without != NULL ? without->extents : 0;

    if ((request->flags | HF_MAP_READ_ONLY) != HF_MAP_READ_ONLY)
        return HF_BAD_FLAGS;
    if (request->cache > HF_CACHE_WRITE_COMBINED)
        return HF_BAD_CACHE;
    if (count == 0)
        return HF_EMPTY_LIST;
    if (count > HF_LIST_MAX)
        return HF_TOO_LARGE;
    for (uint32_t i = 0; i < count; i++) {
        if (resolved[i] != HF_OK)
            return resolved[i];
        pages += list[i].pages;
    }
    if (request->page_offset > UINT32_MAX || request->page_offset + pages > window->span.pages)
        return HF_WINDOW_TOO_SMALL;
    if ((mappings > 0 && without != &before.mapping &&
         meets(&before, request->page_offset, pages)) ||
        (mappings > 1 && without != &after.mapping && meets(&after, request->page_offset, pages)))
        return HF_MAP_OVERLAP;
    return count + window->extents - leaving > window->max_extents ? HF_TOO_MANY_EXTENTS : HF_OK;
}

/* MAP goes on exactly where the manual's rules hold; then all that it will do lies in the window,
 * on pages where nothing is mapped, and takes no more extents than were set aside. */
void harness(void)
{
    static const struct windows windows;
    struct window window = {.span = {.page = nondet_u64(), .pages = nondet_u32()},
                            .max_extents = nondet_u32(),
                            .extents = nondet_u32()};
    const struct map_request request = nondet_map_request();
    uint32_t count = nondet_u32();
    struct run runs[LIST];
    struct map_plan plan = {.window = NULL};

    ASSUME(window.span.page < (uint64_t)1 << 40 && window.max_extents <= 1u << 20);
    ASSUME(count <= LIST || count > HF_LIST_MAX);
    for (uint32_t i = 0; i < LIST; i++) {
        list[i] = nondet_extent();
        resolved[i] = nondet_bool() ? HF_OK : HF_BAD_PAGE;
        ASSUME(resolved[i] != HF_OK || list[i].pages > 0);
    }
    mappings = nondet_u32();
    ASSUME(mappings <= 2);
    any_mapping(&before, &window, 0);
    any_mapping(&after, &window, mapping_end(&before.mapping));
    const struct mapping *without = mappings == 0                   ? NULL
                                    : nondet_bool()                 ? NULL
                                    : nondet_bool() || mappings < 2 ? &before.mapping
                                                                    : &after.mapping;
    ASSUME(window.extents <= window.max_extents);
    ASSUME(without == NULL || without->extents <= window.extents);
    const enum hf_status status =
        map_check(&windows, &window, &request, list, count, without, runs, &plan);
    CLAIM(status == right_status(&window, &request, count, without));
    if (status != HF_OK) {
        CLAIM(plan.window == NULL);
        REACHED();
        return;
    }
    CLAIM(plan.window == &window && plan.count == count && plan.runs == runs);
    CLAIM(plan.page_offset < window.span.pages && plan.pages > 0);
    CLAIM(plan.pages <= window.span.pages - plan.page_offset);
    CLAIM(plan.arena_page == window.span.page + plan.page_offset);
    CLAIM(plan.writable == ((request.flags & HF_MAP_READ_ONLY) == 0));
    REACHED();
}
