/* SPDX-License-Identifier: MIT
 * All windows of a VM, collected over as many calls as it takes. */
#include "vmm/client/connection.h"
#include "vmm/client/reply.h"

#include <stdlib.h>

/* A VM has far fewer; a server that never comes to an end must not fill our memory, nor keep us. */
#define WINDOWS_SANE ((size_t)1 << 14)

struct collection {
    struct holdfast_window *windows;
    size_t count;
};

/* HOLDFAST_OK, or why not. */
static enum holdfast_status add(struct collection *all, const struct holdfast_windows_reply *part)
{
    if (part->windows_count == 0)
        return HOLDFAST_OK;
    const size_t count = all->count + part->windows_count;
    if (count > WINDOWS_SANE)
        return HOLDFAST_NONSENSE;
    void *windows = reallocarray(all->windows, count, sizeof all->windows[0]);
    if (windows == NULL)
        return HOLDFAST_NO_MEMORY;
    all->windows = windows;
    for (size_t i = 0; i < part->windows_count; i++)
        all->windows[all->count++] = *part->windows[i];
    return HOLDFAST_OK;
}

/* One reply out of all of them, with what else the last one says. */
static const struct holdfast_reply *finish(const struct collection *all,
                                           const struct holdfast_reply *last)
{
    const size_t each = sizeof(struct holdfast_window) + sizeof(void *);
    struct reply *reply =
        reply_new(sizeof(struct holdfast_windows_reply) + (all->count + 2) * (each + 16));
    if (reply == NULL)
        return &reply_no_memory;
    struct holdfast_windows_reply *seen = REPLY_MAKE(reply, holdfast_windows_reply);
    struct holdfast_window **list =
        (struct holdfast_window **)reply_array(reply, all->count, sizeof(struct holdfast_window));
    if (seen == NULL || list == NULL) {
        holdfast_free(&reply->seen);
        return &reply_no_memory;
    }
    for (size_t i = 0; i < all->count; i++)
        *list[i] = all->windows[i];
    *seen = (struct holdfast_windows_reply){
        .windows = (const struct holdfast_window *const *)list,
        .windows_count = all->count,
    };
    reply->seen.request = last->request;
    reply->seen.protocol_minor = last->protocol_minor;
    reply->seen.windows = seen;
    return reply_finish(reply);
}

static const struct holdfast_reply *too_late(struct holdfast *connection)
{
    pthread_mutex_lock(&connection->lock);
    connection_fail(connection, HOLDFAST_TIMED_OUT,
                    "the VM %s does not come to an end with its answers", connection->name);
    pthread_mutex_unlock(&connection->lock);
    return reply_failure(0, HOLDFAST_TIMED_OUT, holdfast_text(connection));
}

/* Frees the reply and gives another in its place. */
static const struct holdfast_reply *instead(const struct holdfast_reply *reply,
                                            enum holdfast_status status)
{
    const uint64_t number = reply->request;
    holdfast_free(reply);
    return status == HOLDFAST_NO_MEMORY
               ? &reply_no_memory
               : reply_failure(number, status, "the VM tells of more windows than any VM can have");
}

static const struct holdfast_reply *collect(struct holdfast *connection, struct collection *all,
                                            uint64_t until)
{
    uint64_t from_page = 0;
    for (;;) {
        const struct holdfast_reply *part = holdfast_windows(connection, from_page, 0);
        if (part->status != HOLDFAST_OK)
            return part;
        const enum holdfast_status status = add(all, part->windows);
        if (status != HOLDFAST_OK)
            return instead(part, status);
        const uint64_t next = part->windows->next;
        /* A server whose next does not grow, or grows without windows, would keep us for ever. */
        if (part->windows->windows_count == 0 || next <= from_page) {
            const struct holdfast_reply *whole = finish(all, part);
            holdfast_free(part);
            return whole;
        }
        from_page = next;
        holdfast_free(part);
        if (connection_clock() >= until)
            return too_late(connection);
    }
}

const struct holdfast_reply *holdfast_all_windows(struct holdfast *connection)
{
    struct collection all = {0};
    if (connection == NULL)
        return &reply_no_memory;
    pthread_mutex_lock(&connection->lock);
    const uint64_t until = connection_clock() + 2 * (uint64_t)connection->limit_ms;
    pthread_mutex_unlock(&connection->lock);
    const struct holdfast_reply *reply = collect(connection, &all, until);
    free(all.windows);
    return reply;
}
