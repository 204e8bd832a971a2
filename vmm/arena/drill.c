/* SPDX-License-Identifier: MIT
 * Drills: primitives of a VM that is in use are made to fail, and what becomes of its calls is
 * counted and timed. Nothing is left of a drill once it has ended. */
#include "room.h"

#include <string.h>

void drill_note(struct arena *arena, enum hf_status status, uint64_t began)
{
    struct drill *drill = &arena->drill;

    if (!atomic_load(&drill->on) || began < drill->began_ns)
        return;
    const uint64_t took = arena_now() - began;
    drill->calls += status == HF_OK;
    drill->failed += status == HF_HOST_FAILURE;
    if (took > drill->longest_ns && (status == HF_OK || status == HF_HOST_FAILURE))
        drill->longest_ns = took;
}

/* What has not failed yet. Looks at nothing but counters. */
static uint32_t left(struct arena *arena, uint32_t primitive)
{
    return atomic_load(&memory_injection(arena->memory)->left[primitive]);
}

void drill_end(struct arena *arena)
{
    struct injection *injection = memory_injection(arena->memory);
    struct drill *drill = &arena->drill;

    if (!atomic_load(&drill->on))
        return;
    for (uint32_t i = 0; i < PRIMITIVES; i++) {
        if (drill->asked[i] == 0)
            continue;
        drill->spared[i] = atomic_exchange(&injection->left[i], 0);
    }
    drill->refusals = atomic_load(&arena->refusals) - drill->refusals;
    drill->rescued = atomic_load(&arena->rescued) - drill->rescued;
    atomic_store(&drill->on, false);
}

/* The lock is held. */
static void begin(struct arena *arena, uint32_t primitives, uint32_t failures)
{
    struct injection *injection = memory_injection(arena->memory);
    struct drill *drill = &arena->drill;

    /* Not `on`, at which calls look without the lock. */
    memset(drill->asked, 0, sizeof drill->asked);
    memset(drill->spared, 0, sizeof drill->spared);
    drill->calls = 0;
    drill->failed = 0;
    drill->longest_ns = 0;
    drill->refusals = atomic_load(&arena->refusals);
    drill->rescued = atomic_load(&arena->rescued);
    drill->began_ns = arena_now();
    atomic_store(&drill->on, true);
    injection_set_drill(injection);
    for (uint32_t i = 0; i < PRIMITIVES; i++) {
        if ((primitives >> i & 1) == 0)
            continue;
        drill->asked[i] = failures;
        injection_set(injection, (enum primitive)i, failures);
    }
}

enum arena_drill arena_drill_begin(struct arena *arena, uint32_t primitives, uint32_t failures)
{
    uint32_t possible = primitives & ARENA_DRILL_PRIMITIVES;
    enum arena_drill result = ARENA_DRILL_BUSY;

    if (!memory_can_prefault(arena->memory))
        possible &= ~(1u << PRIMITIVE_PREFAULT);
    if (possible == 0 || failures == 0)
        return ARENA_DRILL_NOTHING;
    pthread_mutex_lock(&arena->lock);
    if (!atomic_load(&arena->drill.on)) {
        begin(arena, possible, failures < ARENA_DRILL_MOST ? failures : ARENA_DRILL_MOST);
        result = ARENA_DRILL_BEGUN;
    }
    pthread_mutex_unlock(&arena->lock);
    return result;
}

void arena_drill_end(struct arena *arena)
{
    pthread_mutex_lock(&arena->lock);
    drill_end(arena);
    pthread_mutex_unlock(&arena->lock);
}

static bool used_up(struct arena *arena)
{
    for (uint32_t i = 0; i < PRIMITIVES; i++)
        if (arena->drill.asked[i] > 0 && left(arena, i) > 0)
            return false;
    return true;
}

void arena_drill_report(struct arena *arena, struct arena_drill_report *report)
{
    const struct drill *drill = &arena->drill;

    /* It goes on while a call is half through its failures. Others may wait for long. */
    pthread_mutex_lock(&arena->lock);
    if (atomic_load(&drill->on) && used_up(arena) && drill->held == 0)
        drill_end(arena);
    const bool running = atomic_load(&drill->on);
    *report = (struct arena_drill_report){
        .running = running,
        .calls = drill->calls,
        .failed = drill->failed,
        .refusals = running ? atomic_load(&arena->refusals) - drill->refusals : drill->refusals,
        .rescued = running ? atomic_load(&arena->rescued) - drill->rescued : drill->rescued,
        .longest_ns = drill->longest_ns,
    };
    for (uint32_t i = 0; i < PRIMITIVES; i++) {
        report->asked[i] = drill->asked[i];
        if (drill->asked[i] > 0)
            report->done[i] = drill->asked[i] - (running ? left(arena, i) : drill->spared[i]);
    }
    pthread_mutex_unlock(&arena->lock);
}
