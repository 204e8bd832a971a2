/* SPDX-License-Identifier: MIT
 * Replies: each lies in a mapping of its own, with all that it points to. */
#ifndef HOLDFAST_CLIENT_REPLY_H
#define HOLDFAST_CLIENT_REPLY_H

#include "holdfast/client.h"
#include "vmm/wire/bounded.h"
#include "vmm/wire/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reply {
    struct holdfast_reply seen; /* by the caller */
    size_t mapped;
    struct bounded room;
};

/* A reply with so many bytes of room, all of them 0. NULL for want of memory. */
struct reply *reply_new(size_t room);

/* Gives back what is not used of it. It is only for reading then. */
const struct holdfast_reply *reply_finish(struct reply *reply);

/* A reply without content, whose text is cut at 1023 bytes. Never NULL: want of memory is a reply,
 * too. */
const struct holdfast_reply *reply_failure(uint64_t request, enum holdfast_status status,
                                           const char *text);

/* Those that need no memory. */
extern const struct holdfast_reply reply_no_memory;
extern const struct holdfast_reply reply_no_request; /* none has this number */
extern const struct holdfast_reply reply_too_many;   /* requests are under way */

/* A copy in the reply's room; NULL if that is not enough. */
const char *reply_text(struct reply *reply, const char *text);

/* ---- describe_*.c: the reply of the same name, out of what the VM has answered; false: there is
 * no room, or a part is missing. ---- */

bool describe_ping(struct reply *reply, const MESSAGE(PingReply) * ping);
bool describe_info(struct reply *reply, const MESSAGE(InfoReply) * info);
bool describe_stats(struct reply *reply, const MESSAGE(StatsReply) * stats);
bool describe_machine(struct reply *reply, MachineState state);
bool describe_windows(struct reply *reply, const MESSAGE(ListWindowsReply) * windows);
bool describe_objects(struct reply *reply, const MESSAGE(ListObjectsReply) * objects);
bool describe_picture(struct reply *reply, const MESSAGE(PictureReply) * picture);
bool describe_guarantee(struct reply *reply, const MESSAGE(GuaranteeReply) * guarantee);
bool describe_metrics(struct reply *reply, const MESSAGE(MetricsReply) * metrics);
bool describe_events(struct reply *reply, const MESSAGE(EventsReply) * events);
bool describe_drill(struct reply *reply, const MESSAGE(DrillReportReply) * drill);

/* An array of count pointers to as many structures of size bytes each, which follow one another.
 * NULL if there is no room; for a count of 0, one that points to nothing. */
void **reply_array(struct reply *reply, size_t count, size_t size);

/* Room for one structure; NULL if there is none. */
#define REPLY_MAKE(reply, type) ((struct type *)bounded_alloc(&(reply)->room, sizeof(struct type)))

#endif
