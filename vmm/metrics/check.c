/* SPDX-License-Identifier: MIT */
#include "room.h"

#include <string.h>

#define TAGS_MOST   1024u
#define BOUNDS_MOST 64u
#define BOUND_MOST  1000000000000ull /* nanoseconds; with 12 digits every bound has its own text */
#define CALLS_KNOWN 3u

static bool has_amounts(const struct holdfast_tag *tag)
{
    return tag->held != NULL && tag->high != NULL && tag->quota != NULL;
}

static bool are_tags(const struct holdfast_guarantee_reply *reply)
{
    if (reply->tags_count > TAGS_MOST)
        return false;
    for (size_t i = 0; i < reply->tags_count; i++)
        if (!has_amounts(reply->tags[i]) ||
            (i > 0 && reply->tags[i]->tag <= reply->tags[i - 1]->tag))
            return false;
    return true;
}

static bool are_accounts(const struct holdfast_guarantee_reply *reply)
{
    return reply->arena != NULL && reply->vmas != NULL && reply->tables != NULL &&
           reply->ram_tables != NULL && reply->object_memory != NULL && reply->ballast != NULL &&
           reply->windows != NULL && reply->extents != NULL;
}

/* The number of the call, or CALLS_KNOWN. */
static size_t call_number(const char *call)
{
    static const char *const names[CALLS_KNOWN] = {"MAP", "UNMAP", "REMAP"};
    size_t i = 0;

    while (i < CALLS_KNOWN && strcmp(names[i], call) != 0)
        i++;
    return i;
}

static bool is_histogram(const struct holdfast_latency *latency)
{
    const size_t count = latency->bounds_ns_count;

    if (count > BOUNDS_MOST || latency->counts_count != count + 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (latency->bounds_ns[i] == 0 || latency->bounds_ns[i] > BOUND_MOST ||
            (i > 0 && latency->bounds_ns[i] <= latency->bounds_ns[i - 1]))
            return false;
    return true;
}

static bool are_latencies(const struct holdfast_metrics_reply *reply)
{
    bool seen[CALLS_KNOWN] = {false};

    for (size_t i = 0; i < reply->latencies_count; i++) {
        const size_t call = call_number(reply->latencies[i]->call);
        if (call == CALLS_KNOWN || seen[call] || !is_histogram(reply->latencies[i]))
            return false;
        seen[call] = true;
    }
    return true;
}

bool metrics_check(const struct holdfast_metrics_reply *reply)
{
    return reply != NULL && reply->stats != NULL && reply->guarantee != NULL &&
           are_accounts(reply->guarantee) && are_tags(reply->guarantee) && are_latencies(reply);
}
