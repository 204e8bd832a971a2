/* SPDX-License-Identifier: MIT
 * For proofs of RESERVE and RELEASE: any table of SLOTS slots and RECORDS records, and stand-ins
 * for the arena's tree and for the accounts of tags, which answer anything that those may answer.
 */
#ifndef HOLDFAST_PROOFS_ROOM_H
#define HOLDFAST_PROOFS_ROOM_H

#include "tests/proofs/proof.h"
#include "vmm/windows/extents.c"
#include "vmm/windows/reserve.c"
#include "vmm/windows/table.c"

#define RECORDS 2u
#ifndef SLOTS
#define SLOTS 2u
#endif

struct reserve_request nondet_reserve_request(void);
struct windows nondet_windows(void);
struct window nondet_window(void);
struct tag nondet_tag(void);

static struct extent_record records[RECORDS];
static struct window slots[SLOTS];
static struct windows windows;
static struct tag account;

/* ---- the accounts ---- */

struct tag *tags_enter(struct tags *tags, uint32_t tag)
{
    CLAIM(tags == &windows.tags && tag != 0);
    return nondet_bool() ? &account : NULL;
}

/* Each by itself, and any quota. */
bool tag_allows(const struct tag *tag, const struct tag_amounts *more)
{
    CLAIM(tag == &account && more->windows == 1 && more->pages > 0);
    return nondet_bool();
}

void tags_charge(struct tags *tags, struct tag *tag, const struct tag_amounts *amounts)
{
    CLAIM(tags == &windows.tags && tag == &account);
    tag->held.windows += amounts->windows;
    tag->held.pages += amounts->pages;
    tag->held.extents += amounts->extents;
}

void tags_discharge(struct tags *tags, struct tag *tag, const struct tag_amounts *amounts)
{
    CLAIM(tags == &windows.tags && tag == &account);
    CLAIM(tag->held.windows >= amounts->windows && tag->held.pages >= amounts->pages &&
          tag->held.extents >= amounts->extents);
    tag->held.windows -= amounts->windows;
    tag->held.pages -= amounts->pages;
    tag->held.extents -= amounts->extents;
}

void tags_count_refused(struct tags *tags, struct tag *tag)
{
    CLAIM(tags == &windows.tags && tag == &account);
}

/* ---- the arena: a gap of any size behind the edge, and how many pieces a window there needs ----
 */

static uint64_t pieces_needed;

static bool any_fit(const struct space *space, uint64_t pages, struct fit *fit)
{
    const uint64_t gap = windows.space.edge.gap;

    CLAIM(space == &windows.space && pages > 0);
    if (nondet_bool() || gap < pages)
        return false;
    *fit = (struct fit){.previous = &windows.space.edge, .page = nondet_u64()};
    ASSUME(fit->page >= windows.space.edge.page);
    ASSUME(fit->page - windows.space.edge.page <= gap - pages);
    pieces_needed = nondet_u64();
    return true;
}

bool space_find(const struct space *space, uint64_t pages, bool divisible, struct fit *fit)
{
    (void)divisible;
    return any_fit(space, pages, fit);
}

bool space_find_within(const struct space *space, uint64_t pages, bool divisible, uint64_t pieces,
                       struct fit *fit)
{
    (void)divisible;
    return any_fit(space, pages, fit) && pieces_needed <= pieces;
}

void space_insert(struct space *space, const struct fit *fit, struct span *span, uint64_t pages)
{
    CLAIM(space == &windows.space && fit->previous == &windows.space.edge);
    CLAIM(fit->page - windows.space.edge.page <= windows.space.edge.gap - pages);
    span->page = fit->page;
    span->pages = pages;
}

void space_remove(struct space *space, struct span *span)
{
    CLAIM(space == &windows.space && span->pages > 0);
}

uint64_t space_pieces_wanted(const struct space *space, const struct fit *fit, uint64_t pages)
{
    (void)space, (void)fit, (void)pages;
    return pieces_needed;
}

uint64_t space_pieces_alone(const struct space *space, struct span *span)
{
    (void)space, (void)span;
    return pieces_needed;
}

/* Of no use here. */
void tags_init(struct tags *tags, struct tag *record, uint32_t room)
{
    (void)tags, (void)record, (void)room;
}

void space_init(struct space *space, uint64_t page, uint64_t pages)
{
    (void)space, (void)page, (void)pages;
}

/* ---- any such table ---- */

static void any_list(struct spare_list *list, uint32_t first, uint32_t count)
{
    list->first = count > 0 ? &records[first] : NULL;
    list->last = count > 0 ? &records[first + count - 1] : NULL;
    for (uint32_t i = 0; i < RECORDS; i++)
        if (i >= first && i < first + count)
            records[i].next = i + 1 < first + count ? &records[i + 1] : NULL;
}

/* The first `spare` records are set aside by no window, `taken` are, the others were never used. */
static void any_room(uint32_t spare, uint32_t taken)
{
    windows = nondet_windows();
    account = nondet_tag();
    windows.slots = slots;
    windows.records = records;
    windows.limits.windows = SLOTS;
    windows.limits.extents = RECORDS;
    ASSUME(spare <= RECORDS && taken <= RECORDS - spare);
    windows.records_touched = spare + taken;
    windows.extents_reserved = taken;
    any_list(&windows.spare, 0, spare);
    ASSUME(windows.pieces <= windows.limits.pieces);
    ASSUME(windows.space.edge.page < (uint64_t)1 << 40);
    ASSUME(windows.space.edge.gap < (uint64_t)1 << 40);

    windows.free_first = NULL;
    windows.in_use = 0;
    ASSUME(windows.slots_touched <= SLOTS);
    for (uint32_t i = 0; i < SLOTS; i++) {
        slots[i] = nondet_window();
        slots[i].slot = i;
        if (i >= windows.slots_touched) { /* never used: zeroed */
            slots[i] = (struct window){.slot = 0};
            continue;
        }
        if (!slots[i].used)
            slots[i].published = false;
        windows.in_use += slots[i].used;
        if (slots[i].used || (slots[i].generation == UINT32_MAX && nondet_bool()))
            continue;
        slots[i].next_free = NULL;
        if (windows.free_first == NULL)
            windows.free_first = &slots[i];
        else
            windows.free_last->next_free = &slots[i];
        windows.free_last = &slots[i];
    }
}

/* Goes along a list and notes where each record stands: how many there are, and that each is one.
 */
static uint32_t list_length(const struct spare_list *list, uint32_t places[RECORDS])
{
    const struct extent_record *record = list->first;
    uint32_t length = 0;

    for (; length < RECORDS && record != NULL; record = record->next) {
        for (uint32_t i = 0; i < RECORDS; i++)
            places[i] += record == &records[i];
        CLAIM(record->next != NULL || record == list->last);
        length++;
    }
    CLAIM(record == NULL);
    return length;
}

#endif
