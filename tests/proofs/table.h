/* SPDX-License-Identifier: MIT
 * For proofs of decide and commit: any table of two windows. One has up to 2 mappings, of one
 * extent or two, and RECORDS records in all; of the other one only what a call must leave alone is
 * there. Each tree is replaced by the set of what is in it, which answers as the tree would: so
 * what is proved here of MAP and UNMAP holds if the trees are right. Records are alike: in
 * which order they lie makes no difference. */
#ifndef HOLDFAST_PROOFS_TABLE_H
#define HOLDFAST_PROOFS_TABLE_H

#include "tests/proofs/proof.h"

#define BACKINGS_OBJECTS 2u
#include "vmm/windows/extents.c"
#include "vmm/windows/map.c"
#include "vmm/windows/remap.c"
#include "vmm/windows/table.c"
#include "vmm/windows/unmap.c"

#define RECORDS 3u
#ifndef LIST
#define LIST 2u /* extents of a MAP */
#endif

struct map_request nondet_map_request(void);
struct unmap_request nondet_unmap_request(void);
struct hf_extent nondet_extent(void);
struct window nondet_window(void);
struct windows nondet_windows(void);
struct backings nondet_backings(void);
struct extent nondet_table_extent(void);

/* Not an array: CBMC then knows of each pointer to which of the records it points. */
static struct extent_record record0, record1, record2;
static struct extent_record *const records[RECORDS] = {&record0, &record1, &record2};

static struct window slots[2];
static struct window *const window = &slots[0];
static struct backings registry;
static struct windows windows;
static uint32_t watched; /* some backing, which may be any: whose count of extents is looked at */

/* ---- the sets that stand for trees: by number of the record ---- */

static bool is_mapping[RECORDS];  /* its mapping is in the tree of the window */
static bool is_live[RECORDS];     /* its extent is in a tree of live ones */
static bool is_detached[RECORDS]; /* in the window's tree of detached ones */

static uint32_t number_of(const struct extent *extent)
{
    uint32_t number = 0;

    while (number < RECORDS && &records[number]->extent != extent)
        number++;
    CLAIM(number < RECORDS);
    return number;
}

/* The first mapping that ends behind an offset, but for one. */
static struct mapping *first_behind(uint64_t offset, const struct mapping *but)
{
    struct mapping *found = NULL;

    for (uint32_t i = 0; i < RECORDS; i++) {
        struct mapping *mapping = &records[i]->mapping;
        if (is_mapping[i] && mapping != but && mapping_end(mapping) > offset &&
            (found == NULL || mapping_offset(mapping) < mapping_offset(found)))
            found = mapping;
    }
    return found;
}

struct mapping *mappings_ending_behind(const struct window *of, uint64_t offset)
{
    ASSUME(of == window); /* the request may name the other one */
    return first_behind(offset, NULL);
}

struct mapping *mappings_next(struct mapping *mapping)
{
    return first_behind(mapping_end(mapping), NULL);
}

bool mappings_cover(const struct window *of, uint64_t offset, uint64_t pages)
{
    uint64_t mapped = 0;

    ASSUME(of == window);
    for (uint32_t i = 0; i < RECORDS; i++) {
        const struct mapping *mapping = &records[i]->mapping;
        if (!is_mapping[i] || mapping_offset(mapping) >= offset + pages ||
            mapping_end(mapping) <= offset)
            continue;
        mapped += (mapping_end(mapping) < offset + pages ? mapping_end(mapping) : offset + pages) -
                  (mapping_offset(mapping) > offset ? mapping_offset(mapping) : offset);
    }
    return mapped == pages;
}

void mappings_insert(struct window *of, struct mapping *mapping)
{
    const uint32_t number = number_of(mapping_first(mapping));

    CLAIM(of == window && !is_mapping[number]);
    is_mapping[number] = true;
}

void mappings_remove(struct window *of, struct mapping *mapping)
{
    const uint32_t number = number_of(mapping_first(mapping));

    CLAIM(of == window && is_mapping[number]);
    is_mapping[number] = false;
}

void live_insert(struct windows *in, struct extent *extent)
{
    const uint32_t number = number_of(extent);

    CLAIM(in == &windows && !is_live[number] && !is_detached[number]);
    CLAIM(extent->cache < CACHE_TYPES && live_slot(extent) <= BACKINGS_OBJECTS);
    is_live[number] = true;
    registry.object[live_slot(extent)].extents++;
}

void live_remove(struct windows *in, struct extent *extent)
{
    const uint32_t number = number_of(extent);

    CLAIM(in == &windows && is_live[number]);
    CLAIM(live_slot(extent) != watched || registry.object[watched].extents > 0);
    is_live[number] = false;
    registry.object[live_slot(extent)].extents--;
}

void detached_remove(struct window *of, struct extent *extent)
{
    const uint32_t number = number_of(extent);

    CLAIM(of == window && is_detached[number]);
    is_detached[number] = false;
}

/* Any: it depends on what else is mapped in the VM. */
enum hf_cache live_type_in_force(const struct windows *in, const struct run *runs, uint32_t count,
                                 enum hf_cache asked)
{
    const uint32_t type = nondet_u32();

    CLAIM(in == &windows && runs != NULL && count > 0 && asked < CACHE_TYPES);
    ASSUME(type < CACHE_TYPES);
    return (enum hf_cache)type;
}

/* Where set: the runs that the next calls give, as they have given them before. */
static const struct run *given_before;

/* Any answer, and with HF_OK pages of a backing that there is, as backings_resolve is proved. */
enum hf_status backings_resolve(const struct backings *backings, const struct hf_extent *extent,
                                bool writable, struct run *run)
{
    (void)writable;
    CLAIM(backings == &registry);
    if (given_before != NULL) {
        *run = *given_before++;
        return HF_OK;
    }
    if (nondet_bool() || extent->pages == 0)
        return HF_BAD_PAGE;
    *run = (struct run){.first = nondet_u64(), .pages = extent->pages, .slot = nondet_u32()};
    ASSUME(run->slot <= BACKINGS_OBJECTS && run->first < BACKING_PAGES_MAX);
    ASSUME(run->pages <= BACKING_PAGES_MAX - run->first);
    return HF_OK;
}

/* Of no use here. */
void space_init(struct space *space, uint64_t page, uint64_t pages)
{
    (void)space, (void)page, (void)pages;
}

/* ---- what holds between two calls ---- */

/* How the window's records lie, found by going along its lists. */
struct layout {
    uint32_t places[RECORDS]; /* in which a record stands: one each */
    uint64_t extents;
    uint64_t pages;
    uint64_t all_extents; /* of the table, as are those that are live */
    uint64_t all_pages;
    uint32_t mappings;
    uint32_t spare;
    uint64_t live;
};

static bool mapping_holds(const struct mapping *mapping, struct layout *layout)
{
    const struct extent *first = mapping_first_const(mapping);
    const struct extent *extent = first;
    uint64_t pages = 0;
    uint32_t extents = 0;

    for (uint32_t i = 0; i < RECORDS && extent != NULL; i++, extent = extent->next) {
        const uint32_t number = number_of(extent);
        if (extent->mapping != mapping || extent->offset != mapping_offset(mapping) + pages ||
            extent->pages == 0 || extent->cache != first->cache ||
            extent->writable != first->writable || extent->cache >= CACHE_TYPES ||
            live_slot(extent) > BACKINGS_OBJECTS || extent->is_detached != is_detached[number] ||
            is_live[number] == is_detached[number])
            return false;
        layout->places[number]++;
        layout->live += is_live[number] && live_slot(extent) == watched ? 1 : 0;
        pages += extent->pages;
        extents++;
        layout->extents++;
        layout->all_extents++;
    }
    layout->pages += mapping->pages;
    layout->all_pages += mapping->pages;
    layout->mappings++;
    return extent == NULL && extents == mapping->extents && pages == mapping->pages &&
           mapping_end(mapping) <= window->span.pages && mapping->window_slot == window->slot;
}

static bool spare_holds(struct layout *layout)
{
    const struct extent_record *record = window->spare.first;
    const struct extent_record *last = NULL;

    for (uint32_t i = 0; i < RECORDS && record != NULL; i++, record = record->next) {
        const uint32_t number = number_of(&record->extent);
        if (is_live[number] || is_detached[number])
            return false;
        layout->places[number]++;
        layout->spare++;
        last = record;
    }
    return record == NULL && (last == NULL || window->spare.last == last);
}

/* others: what the other window has of each. Objects know how many extents they have. */
static struct others {
    uint32_t extents;
    uint64_t pages;
    uint64_t live;
} others;

static bool table_holds(void)
{
    struct layout layout = {
        .all_extents = others.extents, .all_pages = others.pages, .live = others.live};
    bool holds = spare_holds(&layout);

    for (uint32_t i = 0; i < RECORDS; i++)
        if (is_mapping[i] && !mapping_holds(&records[i]->mapping, &layout))
            return false;
    for (uint32_t i = 0; i < RECORDS; i++) {
        const struct mapping *a = &records[i]->mapping;
        holds = holds && layout.places[i] == (i < window->max_extents ? 1 : 0);
        for (uint32_t j = 0; j < i; j++) {
            const struct mapping *b = &records[j]->mapping;
            holds =
                holds && (!is_mapping[i] || !is_mapping[j] || mapping_offset(a) >= mapping_end(b) ||
                          mapping_offset(b) >= mapping_end(a));
        }
    }
    return holds && registry.object[watched].extents == layout.live &&
           window->extents == layout.extents && window->mappings == layout.mappings &&
           window->mapped_pages == layout.pages && window->max_extents >= window->extents &&
           layout.spare == window->max_extents - window->extents &&
           window->maps - window->unmaps == window->mappings &&
           windows.extents == layout.all_extents && windows.mapped_pages == layout.all_pages;
}

/* ---- any such table ---- */

/* A mapping from a record on, of so many extents. */
static void any_mapping(uint32_t first, uint32_t extents)
{
    struct mapping *mapping = &records[first]->mapping;

    is_mapping[first] = true;
    for (uint32_t i = first; i < first + extents; i++) {
        struct extent *extent = &records[i]->extent;
        *extent = nondet_table_extent();
        extent->mapping = mapping;
        extent->next = i + 1 < first + extents ? &records[i + 1]->extent : NULL;
        is_detached[i] = extent->is_detached;
        is_live[i] = !is_detached[i];
    }
    mapping->pages = nondet_u32();
    mapping->window_slot = window->slot;
    mapping->extents = extents;
}

static void any_spares(uint32_t first)
{
    const uint32_t end = window->max_extents;

    window->spare.first = first < end ? records[first] : NULL;
    window->spare.last = first < end ? records[end - 1] : NULL;
    for (uint32_t i = first; i < RECORDS; i++)
        records[i]->next = i + 1 < end ? records[i + 1] : NULL;
}

/* Its records stand in order: those that are mapped, mapping by mapping, and then the spare ones.
 */
static void any_table(void)
{
    registry = nondet_backings();
    windows = nondet_windows();
    windows.backings = &registry;
    windows.slots = slots;
    windows.slots_touched = 2;
    slots[0] = nondet_window();
    slots[1] = nondet_window();
    slots[0].slot = 0;
    slots[1].slot = 1;
    ASSUME(window->max_extents <= RECORDS);
    ASSUME(window->span.pages <= UINT32_MAX && window->span.page < (uint64_t)1 << 40);
    if (nondet_bool()) {
        any_spares(0);
    } else if (nondet_bool()) {
        any_mapping(0, 2);
        if (nondet_bool())
            any_mapping(2, 1), any_spares(3);
        else
            any_spares(2);
    } else {
        any_mapping(0, 1);
        if (nondet_bool())
            any_mapping(1, 1), any_spares(2);
        else
            any_spares(1);
    }
    others.extents = nondet_u32();
    others.pages = nondet_u64();
    ASSUME(others.extents < 1u << 30 && others.pages < (uint64_t)1 << 40);
    others.live = nondet_u32();
    watched = nondet_u32();
    ASSUME(watched <= BACKINGS_OBJECTS);
    ASSUME(table_holds());
}

/* ---- what a call leaves alone ---- */

static struct window window_before, other_before;
static struct extent_record records_before[RECORDS];

static void remember(void)
{
    window_before = slots[0];
    other_before = slots[1];
    for (uint32_t i = 0; i < RECORDS; i++)
        records_before[i] = *records[i];
}

/* The window is the same, but for what is mapped in it, and nothing of the other one has changed.
 */
static void claim_same_windows(void)
{
    const size_t byte = nondet_size();

    ASSUME(byte < sizeof(struct window));
    CLAIM(((const char *)&slots[1])[byte] == ((const char *)&other_before)[byte]);
    CLAIM(window->span.page == window_before.span.page);
    CLAIM(window->span.pages == window_before.span.pages);
    CLAIM(window->slot == window_before.slot && window->generation == window_before.generation);
    CLAIM(window->tag == window_before.tag && window->owner == window_before.owner);
    CLAIM(window->max_extents == window_before.max_extents);
    CLAIM(window->used == window_before.used && window->published == window_before.published);
}

/* The extent of a record is the same, and the mapping that it may be the first of. */
static void claim_same_extent(uint32_t number)
{
    const struct extent_record *now = records[number], *before = &records_before[number];

    CLAIM(now->extent.key == before->extent.key && now->extent.pages == before->extent.pages);
    CLAIM(now->extent.offset == before->extent.offset && now->extent.next == before->extent.next);
    CLAIM(now->extent.mapping == before->extent.mapping);
    CLAIM(now->extent.cache == before->extent.cache);
    CLAIM(now->extent.writable == before->extent.writable);
    CLAIM(!is_mapping[number] || (now->mapping.pages == before->mapping.pages &&
                                  now->mapping.extents == before->mapping.extents));
}

/* What is mapped where a plan says is what it says. */
static void claim_mapped(const struct map_plan *plan)
{
    struct mapping *mapping = first_behind(plan->page_offset, NULL);

    CLAIM(mapping != NULL && mapping_offset(mapping) == plan->page_offset);
    CLAIM(mapping->pages == plan->pages && mapping->extents == plan->count);
    const struct extent *extent = mapping_first(mapping);
    for (uint32_t i = 0; i < LIST && i < plan->count; i++, extent = extent->next) {
        CLAIM(extent->key == live_key(plan->runs[i].slot, plan->runs[i].first));
        CLAIM(extent->pages == plan->runs[i].pages && extent->cache == plan->cache);
        CLAIM(extent->writable == plan->writable && !extent->is_detached);
    }
}

#endif
