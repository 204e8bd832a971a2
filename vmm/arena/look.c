/* SPDX-License-Identifier: MIT */
#include "room.h"

void arena_look(struct arena *arena, struct arena_look *look, struct tag_state *tags, uint32_t room)
{
    pthread_mutex_lock(&arena->lock);
    accounts_read(arena, &look->accounts);
    counters_read(arena, &look->counters);
    look->tags = tags_read(arena, 0, tags, room);
    for (uint32_t i = 0; i < LATENCY_CALLS; i++)
        latency_read(&arena->latency[i], &look->latency[i]);
    pthread_mutex_unlock(&arena->lock);
}
