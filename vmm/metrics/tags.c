/* SPDX-License-Identifier: MIT
 * A guest chooses its tags. If each had samples of its own, a guest that changes them all the time
 * would fill Prometheus' memory. Tags that an operator has given a quota have them always. */
#include "room.h"

static bool has_quota(const struct holdfast_tag *tag)
{
    return tag->quota->windows != 0 || tag->quota->pages != 0 || tag->quota->extents != 0;
}

static bool is_noted(const struct metrics_tags *tags, uint32_t tag)
{
    for (uint32_t i = 0; i < tags->count; i++)
        if (tags->tag[i] == tag)
            return true;
    return false;
}

void tags_note(struct metrics_tags *tags, const struct holdfast_guarantee_reply *reply)
{
    for (size_t i = 0; i < reply->tags_count && tags->count < METRICS_TAGS; i++)
        if (!has_quota(reply->tags[i]) && !is_noted(tags, reply->tags[i]->tag))
            tags->tag[tags->count++] = reply->tags[i]->tag;
}

bool tags_has(const struct metrics_tags *tags, const struct holdfast_tag *tag)
{
    return has_quota(tag) || is_noted(tags, tag->tag);
}
