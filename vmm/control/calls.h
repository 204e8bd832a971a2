/* SPDX-License-Identifier: MIT
 * The functions that answer, one for each call of the protocol. service.c has the table of them. */
#ifndef HOLDFAST_CONTROL_CALLS_H
#define HOLDFAST_CONTROL_CALLS_H

#include "vmm/control/call.h"

/* Each fills in the response: a reply, or call_fail(). The request is decoded but not checked. */
void call_ping(struct call *call);
void call_info(struct call *call);
void call_stats(struct call *call);
void call_list_windows(struct call *call);
void call_picture(struct call *call);
void call_list_objects(struct call *call);
void call_attach(struct call *call);
void call_detach(struct call *call);
void call_pause(struct call *call);
void call_resume(struct call *call);
void call_reset(struct call *call);
void call_stop(struct call *call);
void call_guarantee(struct call *call);
void call_set_quota(struct call *call);
void call_drill(struct call *call);
void call_drill_report(struct call *call);
void call_events(struct call *call);
void call_metrics(struct call *call);

/* ---- parts of replies; false if that was answered with a failure ---- */

struct arena_accounts;
struct arena_counters;
struct tag_state;

/* What was copied of the arena; the rescues are looked up here. */
bool fill_guarantee(struct call *call, MESSAGE(GuaranteeReply) * reply,
                    const struct arena_accounts *accounts, const struct arena_counters *counters,
                    const struct tag_state *tags, uint32_t count);

/* Cannot fail. */
void fill_stats(struct call *call, MESSAGE(StatsReply) * reply, const struct arena_counters *arena);

/* ---- the drill of a client, between its calls ---- */

/* When it is to end, at the latest; UINT64_MAX: there is none. */
uint64_t call_drill_deadline(const struct service *service);

/* Ends it, if it is still running. Its client keeps the claim to it. */
void call_drill_end(struct service *service);

#endif
