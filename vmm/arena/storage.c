/* SPDX-License-Identifier: MIT
 * FLUSH and DISCARD: the host's storage may take its time, so the arena's lock is not held
 * meanwhile. A pin keeps the object's descriptor open. */
#include "room.h"

void arena_unpin(struct arena *arena, uint32_t slot)
{
    struct object object = {.fd = -1};

    pthread_mutex_lock(&arena->lock);
    if (backings_unpin(&arena->backings, slot))
        object = memory_detach(arena->memory, slot);
    pthread_mutex_unlock(&arena->lock);
    object_close(&object);
}

/* At most one fsync of an object at a time, whatever the guest does, and each serves all calls
 * that came before it began: a call waits for two at most, the one that is on and the next.
 *
 * The kernel tells an error of a file to one fsync only. Every call that was waiting when it was
 * told gets it, for the failed pages may have been its own. */
static enum hf_status flush(struct arena *arena, uint32_t slot, const struct object *object)
{
    struct flushes *flushes = &arena->flushes[slot];

    pthread_mutex_lock(&arena->flush_lock);
    const uint64_t ended = flushes->ended;
    const uint64_t needed = flushes->begun + 1;
    while (flushes->ended < needed) {
        if (flushes->begun > flushes->ended) {
            pthread_cond_wait(&arena->flushed, &arena->flush_lock);
            continue;
        }
        flushes->begun++;
        pthread_mutex_unlock(&arena->flush_lock);
        const enum hf_status status = object_flush(object);
        pthread_mutex_lock(&arena->flush_lock);
        flushes->ended++;
        if (status != HF_OK)
            flushes->failed = flushes->ended;
        pthread_cond_broadcast(&arena->flushed);
    }
    const bool failed = flushes->failed > ended;
    pthread_mutex_unlock(&arena->flush_lock);
    return failed ? HF_IO_ERROR : HF_OK;
}

enum hf_status arena_flush(struct arena *arena, const struct hf_flush *call)
{
    const struct object *object = NULL;
    bool written = false;

    pthread_mutex_lock(&arena->lock);
    const uint32_t slot = backings_by_id(&arena->backings, call->object);
    if (slot != 0) {
        object = memory_object(arena->memory, slot);
        written = object->writable && object->kind != OBJECT_MEMFD;
    }
    if (written)
        backings_pin(&arena->backings, slot);
    pthread_mutex_unlock(&arena->lock);
    if (slot == 0)
        return HF_NO_OBJECT;

    enum hf_status status = HF_OK;
    if (written) {
        status = flush(arena, slot, object);
        arena_unpin(arena, slot);
    }
    if (status == HF_OK)
        atomic_fetch_add(&arena->flushed_calls, 1);
    return status;
}

static bool may_go_on(const struct arena_caller *caller)
{
    return caller->pause == NULL || caller->pause(caller);
}

/* Up to 4 PiB, and pages that were made are cleared one by one. */
static enum hf_status discard(const struct arena_caller *caller, const struct object *object,
                              const struct hf_discard *call)
{
    enum hf_status status = HF_OK;

    for (uint64_t done = 0; status == HF_OK && done < call->pages;) {
        const uint64_t left = call->pages - done;
        const uint64_t now = left < OBJECT_DISCARD_MOST ? left : OBJECT_DISCARD_MOST;
        if (done > 0 && !may_go_on(caller))
            return GIVEN_UP;
        status = object_discard(object, call->first + done, now, done > 0);
        done += now;
    }
    return status;
}

enum hf_status arena_discard(struct arena *arena, const struct arena_caller *caller,
                             const struct hf_discard *call)
{
    const struct object *object = NULL;
    uint32_t slot;

    pthread_mutex_lock(&arena->lock);
    enum hf_status status = backings_resolve_discard(&arena->backings, call, &slot);
    if (status == HF_OK) {
        object = memory_object(arena->memory, slot);
        backings_pin(&arena->backings, slot);
    }
    pthread_mutex_unlock(&arena->lock);
    if (status != HF_OK)
        return status;

    status = discard(caller, object, call);
    arena_unpin(arena, slot);
    if (status == HF_OK)
        atomic_fetch_add(&arena->discarded_calls, 1);
    return status;
}
