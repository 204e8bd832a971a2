/* SPDX-License-Identifier: MIT
 * Accounts by tag: what each owner holds, may hold at most, and was refused. A fixed number of
 * records; the one whose owner has held nothing for the longest time, and has no quota, makes
 * room for a new one. */
#include "tags.h"

#include <string.h>

static int compare(const struct tag *a, const struct tag *b)
{
    return (a->tag > b->tag) - (a->tag < b->tag);
}

TREE_GENERATE(tag_tree, tag, node, compare)

/* The account with the smallest tag from this one on, or NULL. */
static struct tag *first_from(const struct tags *tags, uint32_t from)
{
    struct tag *tag = RB_ROOT(&tags->tree);
    struct tag *found = NULL;

    while (tag != NULL) {
        if (tag->tag >= from) {
            found = tag;
            tag = RB_LEFT(tag, node);
        } else {
            tag = RB_RIGHT(tag, node);
        }
    }
    return found;
}

static struct tag *find(const struct tags *tags, uint32_t tag)
{
    struct tag *found = first_from(tags, tag);

    return found != NULL && found->tag == tag ? found : NULL;
}

static bool is_none(const struct tag_amounts *amounts)
{
    return amounts->windows == 0 && amounts->pages == 0 && amounts->extents == 0;
}

/* ---- records that may be used again, the one idle for the longest time first ---- */

static void idle_remove(struct tags *tags, struct tag *tag)
{
    if (!tag->idle)
        return;
    *(tag->older != NULL ? &tag->older->newer : &tags->oldest) = tag->newer;
    *(tag->newer != NULL ? &tag->newer->older : &tags->newest) = tag->older;
    tag->idle = false;
}

static void idle_append(struct tags *tags, struct tag *tag)
{
    tag->older = tags->newest;
    tag->newer = NULL;
    *(tags->newest != NULL ? &tags->newest->newer : &tags->oldest) = tag;
    tags->newest = tag;
    tag->idle = true;
}

/* After something has happened to the tag: now it is the latest of the idle ones, or not idle. */
static void idle_update(struct tags *tags, struct tag *tag)
{
    idle_remove(tags, tag);
    if (is_none(&tag->held) && is_none(&tag->quota))
        idle_append(tags, tag);
}

static void drop(struct tags *tags, struct tag *tag)
{
    idle_remove(tags, tag);
    RB_REMOVE(tag_tree, &tags->tree, tag);
    tag->newer = tags->free;
    tags->free = tag;
}

/* A record without a tag; NULL if all are in use. */
static struct tag *take(struct tags *tags)
{
    if (tags->free == NULL && tags->touched == tags->room && tags->oldest != NULL)
        drop(tags, tags->oldest);
    struct tag *tag = tags->free;
    if (tag != NULL)
        tags->free = tag->newer;
    else if (tags->touched < tags->room)
        tag = &tags->record[tags->touched++];
    return tag;
}

struct tag *tags_enter(struct tags *tags, uint32_t tag)
{
    struct tag *found = find(tags, tag);

    if (found != NULL)
        return found;
    found = take(tags);
    if (found == NULL)
        return NULL;
    *found = (struct tag){.tag = tag};
    RB_INSERT(tag_tree, &tags->tree, found);
    idle_update(tags, found);
    return found;
}

/* ---- what happens to a tag ---- */

static bool fits(uint64_t held, uint64_t more, uint64_t most)
{
    return most == 0 || (held <= most && more <= most - held);
}

bool tag_allows(const struct tag *tag, const struct tag_amounts *more)
{
    return fits(tag->held.windows, more->windows, tag->quota.windows) &&
           fits(tag->held.pages, more->pages, tag->quota.pages) &&
           fits(tag->held.extents, more->extents, tag->quota.extents);
}

void tags_charge(struct tags *tags, struct tag *tag, const struct tag_amounts *amounts)
{
    tag->held.windows += amounts->windows;
    tag->held.pages += amounts->pages;
    tag->held.extents += amounts->extents;
    idle_update(tags, tag);
}

void tags_discharge(struct tags *tags, struct tag *tag, const struct tag_amounts *amounts)
{
    tag->held.windows -= amounts->windows;
    tag->held.pages -= amounts->pages;
    tag->held.extents -= amounts->extents;
    idle_update(tags, tag);
}

static void raise_to(uint64_t *high, uint64_t held)
{
    if (held > *high)
        *high = held;
}

void tag_note_high(struct tag *tag)
{
    raise_to(&tag->high.windows, tag->held.windows);
    raise_to(&tag->high.pages, tag->held.pages);
    raise_to(&tag->high.extents, tag->held.extents);
}

void tags_count_refused(struct tags *tags, struct tag *tag)
{
    tag->refused++;
    idle_update(tags, tag);
}

/* ---- the table ---- */

void tags_init(struct tags *tags, struct tag *record, uint32_t room)
{
    tags->record = record;
    tags->room = room;
}

bool tags_set_quota(struct tags *tags, uint32_t tag, const struct tag_amounts *quota)
{
    struct tag *found = is_none(quota) ? find(tags, tag) : tags_enter(tags, tag);

    if (found == NULL)
        return is_none(quota);
    found->quota = *quota;
    idle_update(tags, found);
    if (found->idle && is_none(&found->high) && found->refused == 0)
        drop(tags, found); /* it was there for its quota only */
    return true;
}

void tags_reset(struct tags *tags)
{
    struct tag *next;

    for (struct tag *tag = RB_MIN(tag_tree, &tags->tree); tag != NULL; tag = next) {
        next = RB_NEXT(tag_tree, NULL, tag);
        if (is_none(&tag->quota)) {
            drop(tags, tag);
            continue;
        }
        memset(&tag->held, 0, sizeof tag->held);
        memset(&tag->high, 0, sizeof tag->high);
        tag->refused = 0;
        tag->rescued = 0;
        tag->longest_rescue = 0;
    }
}

bool tags_next(const struct tags *tags, uint32_t from, struct tag_state *state)
{
    const struct tag *tag = first_from(tags, from);

    if (tag == NULL)
        return false;
    *state = (struct tag_state){
        .tag = tag->tag,
        .held = tag->held,
        .high = tag->high,
        .quota = tag->quota,
        .refused = tag->refused,
        .rescued = tag->rescued,
        .longest_rescue = tag->longest_rescue,
    };
    return true;
}
