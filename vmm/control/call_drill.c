/* SPDX-License-Identifier: MIT
 * Drill and DrillReport, and the end of a drill. Nobody waits for one: it is begun, and the client
 * asks how it goes. */
#include "vmm/arena/drill.h"
#include "vmm/control/calls.h"
#include "vmm/control/clock.h"
#include "vmm/log.h"

#define WAIT_MS_MOST 30000u

#define NAME_OF(primitive) HOLDFAST__CONTROL__V1__PRIMITIVE__PRIMITIVE_##primitive

static const struct {
    Holdfast__Control__V1__Primitive name;
    enum primitive primitive;
} primitives[] = {
    {NAME_OF(MAP), PRIMITIVE_MAP},           {NAME_OF(GUARD), PRIMITIVE_GUARD},
    {NAME_OF(PREFAULT), PRIMITIVE_PREFAULT}, {NAME_OF(RUN), PRIMITIVE_RUN},
    {NAME_OF(REACH), PRIMITIVE_REACH},
};
#define PRIMITIVES_KNOWN (sizeof primitives / sizeof primitives[0])

/* The bits of what is to fail; 0: there is no such primitive. */
static uint32_t chosen(const MESSAGE(DrillRequest) * request)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < PRIMITIVES_KNOWN; i++)
        if (request->primitive == NAME_OF(UNSPECIFIED) || request->primitive == primitives[i].name)
            bits |= 1u << primitives[i].primitive;
    return bits;
}

/* Whether the drill of some client is still on. */
static bool is_on(struct service *service)
{
    struct arena_drill_report report;
    if (service->drill.on) {
        arena_drill_report(service->arena, &report);
        service->drill.on = report.running;
    }
    return service->drill.on;
}

/* Whether this client may begin this drill; else that was answered. */
static bool may_begin(struct call *call, const MESSAGE(DrillRequest) * request)
{
    const uint64_t owner = atomic_load(&call->service->drill.owner);
    if (request->count == 0 || request->count > ARENA_DRILL_MOST)
        call_fail(call, STATUS(BAD_REQUEST), "a drill of %u failures: it must be 1 to %u",
                  request->count, ARENA_DRILL_MOST);
    else if (request->wait_ms == 0 || request->wait_ms > WAIT_MS_MOST)
        call_fail(call, STATUS(BAD_REQUEST), "a drill of %u ms: it must be 1 to %u",
                  request->wait_ms, WAIT_MS_MOST);
    else if (chosen(request) == 0)
        call_fail(call, STATUS(BAD_REQUEST), "there is no primitive %d", (int)request->primitive);
    else if (is_on(call->service) || (owner != 0 && owner != call->asker))
        call_fail(call, STATUS(BUSY), "there is a drill already; try again when it has ended");
    else
        return true;
    return false;
}

void call_drill(struct call *call)
{
    const MESSAGE(DrillRequest) *request = call->request->drill;
    struct service *service = call->service;
    MESSAGE(DrillReply) *reply = call_memory(call, 1, sizeof *reply);
    if (reply == NULL || !may_begin(call, request))
        return;
    switch (arena_drill_begin(service->arena, chosen(request), request->count)) {
    case ARENA_DRILL_BUSY:
        call_fail(call, STATUS(BUSY), "there is a drill already; try again when it has ended");
        return;
    case ARENA_DRILL_NOTHING:
        call_fail(call, STATUS(FAILED),
                  "this host's KVM makes no second-level tables ahead: nothing to be drilled");
        return;
    case ARENA_DRILL_BEGUN:
        break;
    }
    atomic_store(&service->drill.owner, call->asker);
    service->drill.on = true;
    service->drill.deadline_ms = clock_ms() + request->wait_ms;
    log_line("control: a drill: %u failures of each primitive, within %u ms", request->count,
             request->wait_ms);
    *reply = (MESSAGE(DrillReply))MESSAGE_INIT(DRILL_REPLY);
    call->response->drill = reply;
    call->response->reply_case = REPLY(DRILL);
}

static bool fill_parts(struct call *call, MESSAGE(DrillReportReply) * reply,
                       const struct arena_drill_report *report)
{
    MESSAGE(DrillPart) *parts = call_memory(call, PRIMITIVES_KNOWN, sizeof *parts);
    MESSAGE(DrillPart) **list = call_memory(call, PRIMITIVES_KNOWN, sizeof *list);
    if (parts == NULL || list == NULL)
        return false;
    reply->parts = list;
    for (size_t i = 0; i < PRIMITIVES_KNOWN; i++) {
        if (report->asked[primitives[i].primitive] == 0)
            continue;
        MESSAGE(DrillPart) *part = &parts[reply->n_parts];
        *part = (MESSAGE(DrillPart))MESSAGE_INIT(DRILL_PART);
        part->primitive = primitives[i].name;
        part->asked = report->asked[primitives[i].primitive];
        part->done = report->done[primitives[i].primitive];
        list[reply->n_parts++] = part;
    }
    return true;
}

void call_drill_report(struct call *call)
{
    struct service *service = call->service;
    MESSAGE(DrillReportReply) *reply = call_memory(call, 1, sizeof *reply);
    struct arena_drill_report *report = call_memory(call, 1, sizeof *report);
    if (reply == NULL || report == NULL)
        return;
    if (atomic_load(&service->drill.owner) != call->asker) {
        call_fail(call, STATUS(NOT_FOUND), "this client has begun no drill");
        return;
    }
    arena_drill_report(service->arena, report);
    service->drill.on = report->running;
    *reply = (MESSAGE(DrillReportReply))MESSAGE_INIT(DRILL_REPORT_REPLY);
    reply->running = report->running;
    reply->calls = report->calls;
    reply->failed = report->failed;
    reply->refusals = report->refusals;
    reply->rescued = report->rescued;
    reply->longest_us = report->longest_ns / 1000;
    if (!fill_parts(call, reply, report))
        return;
    call->response->drill_report = reply;
    call->response->reply_case = REPLY(DRILL_REPORT);
}

uint64_t call_drill_deadline(const struct service *service)
{
    return service->drill.on ? service->drill.deadline_ms : UINT64_MAX;
}

void call_drill_end(struct service *service)
{
    if (service->drill.on)
        arena_drill_end(service->arena);
    service->drill.on = false;
}
