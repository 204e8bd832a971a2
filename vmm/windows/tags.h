/* SPDX-License-Identifier: MIT
 * Who holds how much: the accounts of the tags. */
#ifndef HOLDFAST_WINDOWS_TAGS_H
#define HOLDFAST_WINDOWS_TAGS_H

#include "tree.h"
#include "windows.h"

/* The account of one tag. */
struct tag {
    RB_ENTRY(tag) node;
    uint32_t tag;
    bool idle; /* holds nothing and has no quota: stands in the list of these */
    struct tag_amounts held;
    struct tag_amounts high;
    struct tag_amounts quota;
    uint64_t refused;
    uint64_t rescued;
    uint64_t longest_rescue; /* nanoseconds */
    struct tag *older;       /* in the list of idle ones */
    struct tag *newer;       /* there, or in the list of free records */
};
RB_HEAD(tag_tree, tag);

struct tags {
    struct tag_tree tree;
    struct tag *record;
    uint32_t room;
    uint32_t touched; /* the records behind have never been used */
    struct tag *free;
    struct tag *oldest; /* idle for the longest time */
    struct tag *newest;
};

/* record[room], zeroed. */
void tags_init(struct tags *tags, struct tag *record, uint32_t room);

/* The account of a tag, which is made if there is none. NULL if there is no room. */
struct tag *tags_enter(struct tags *tags, uint32_t tag);

bool tag_allows(const struct tag *tag, const struct tag_amounts *more);

/* None of these can fail. */
void tags_charge(struct tags *tags, struct tag *tag, const struct tag_amounts *amounts);
void tags_discharge(struct tags *tags, struct tag *tag, const struct tag_amounts *amounts);
void tag_note_high(struct tag *tag);
void tags_count_refused(struct tags *tags, struct tag *tag);

/* false if there is no room for the tag. */
bool tags_set_quota(struct tags *tags, uint32_t tag, const struct tag_amounts *quota);

/* Nobody holds anything any more; quotas stay. */
void tags_reset(struct tags *tags);

bool tags_next(const struct tags *tags, uint32_t from, struct tag_state *state);

#endif
