/* SPDX-License-Identifier: MIT
 * Decodes a Request, has it answered, encodes the Response. */
#include "vmm/control/service.h"

#include "vmm/control/calls.h"
#include "vmm/control/clock.h"
#include "vmm/events/events.h"
#include "vmm/log.h"
#include "vmm/utf8.h"

#include <stdio.h>

void service_init(struct service *service, const struct control_config *config, struct arena *arena,
                  struct machine *machine)
{
    *service = (struct service){
        .config = config,
        .arena = arena,
        .machine = machine,
        .started_ms = clock_ms(),
    };
}

void answerer_init(struct answerer *answerer, void *decode, size_t decode_room, void *reply,
                   size_t reply_room)
{
    bounded_init(&answerer->decode, decode, decode_room);
    bounded_init(&answerer->reply, reply, reply_room);
}

static void refuse_unknown(struct call *call)
{
    const ProtobufCMessage *base = &call->request->base;
    if (base->n_unknown_fields > 0)
        call_fail(call, STATUS(UNKNOWN_CALL),
                  "holdfast-vmm %s (protocol 1.%u) does not know call %u; the client speaks 1.%u",
                  call->service->config->version, PROTOCOL_MINOR, base->unknown_fields[0].tag,
                  call->request->protocol_minor);
    else
        call_fail(call, STATUS(UNKNOWN_CALL), "the request names no call");
}

/* By the number of the call in the protocol. */
static const struct {
    void (*answer)(struct call *call);
    enum service_kind kind;
    const char *change; /* for the log, once it was made; NULL: none, or the call logs more of it */
} calls[] = {
    [CALL(PING)] = {call_ping, SERVICE_AT_ONCE, NULL},
    [CALL(INFO)] = {call_info, SERVICE_AT_ONCE, NULL},
    [CALL(LIST_WINDOWS)] = {call_list_windows, SERVICE_LISTS, NULL},
    [CALL(LIST_OBJECTS)] = {call_list_objects, SERVICE_LISTS, NULL},
    [CALL(ATTACH)] = {call_attach, SERVICE_ATTACH, NULL},
    [CALL(DETACH)] = {call_detach, SERVICE_DETACH, NULL},
    [CALL(STATS)] = {call_stats, SERVICE_LISTS, NULL},
    [CALL(PICTURE)] = {call_picture, SERVICE_LISTS, NULL},
    [CALL(PAUSE)] = {call_pause, SERVICE_MACHINE, "pause"},
    [CALL(RESUME)] = {call_resume, SERVICE_AT_ONCE, "resume"},
    [CALL(RESET)] = {call_reset, SERVICE_MACHINE, "reset"},
    [CALL(STOP)] = {call_stop, SERVICE_AT_ONCE, "stop"},
    [CALL(GUARANTEE)] = {call_guarantee, SERVICE_LISTS, NULL},
    [CALL(SET_QUOTA)] = {call_set_quota, SERVICE_LISTS, NULL},
    [CALL(DRILL)] = {call_drill, SERVICE_LISTS, NULL},
    [CALL(DRILL_REPORT)] = {call_drill_report, SERVICE_LISTS, NULL},
    [CALL(METRICS)] = {call_metrics, SERVICE_LISTS, NULL},
    [CALL(EVENTS)] = {call_events, SERVICE_EVENTS, NULL},
};
#define CALLS (sizeof calls / sizeof calls[0])

static void dispatch(struct call *call)
{
    const size_t number = (size_t)call->request->call_case;
    if (number >= CALLS || calls[number].answer == NULL) {
        refuse_unknown(call);
        return;
    }
    calls[number].answer(call);
    if (calls[number].change != NULL && call->response->status == STATUS(OK))
        log_line("control: %s", calls[number].change);
}

/* What nobody reads can take much room. Neither part has parts of its own that are messages, but
 * for the quota. */
static void strip(Request *request)
{
    request->base.n_unknown_fields = 0;
    /* Each member of the union is a message. */
    request->ping->base.n_unknown_fields = 0;
    if (request->call_case == CALL(SET_QUOTA) && request->set_quota->quota != NULL)
        request->set_quota->quota->base.n_unknown_fields = 0;
}

static void note_events(const MESSAGE(EventsRequest) * events, struct service_request *request)
{
    const uint32_t wait = events->wait_ms < EVENTS_WAIT_MS ? events->wait_ms : EVENTS_WAIT_MS;
    request->event = events->after;
    request->event_wait_ms = events->from_now ? 0 : wait;
}

bool service_has_event(uint64_t after)
{
    return events_are_there(after);
}

enum service_kind service_sort(struct answerer *answerer, const uint8_t *bytes, size_t length,
                               struct service_request *request, bool *takes_descriptor)
{
    bounded_reset(&answerer->decode);
    Request *decoded =
        holdfast__control__v1__request__unpack(&answerer->decode.allocator, length, bytes);
    if (decoded == NULL || (size_t)decoded->call_case >= CALLS ||
        calls[decoded->call_case].answer == NULL)
        return SERVICE_AT_ONCE;
    const enum service_kind kind = calls[decoded->call_case].kind;
    strip(decoded);
    /* A name or path that is too long is refused before anything is waited for. */
    if (holdfast__control__v1__request__get_packed_size(decoded) > sizeof request->bytes)
        return SERVICE_AT_ONCE;
    request->id = decoded->id;
    request->length = holdfast__control__v1__request__pack(decoded, request->bytes);
    if (kind == SERVICE_EVENTS)
        note_events(decoded->events, request);
    *takes_descriptor = decoded->call_case == CALL(ATTACH) && decoded->attach->handed_over;
    return kind;
}

static void answer_undecodable(struct call *call)
{
    if (call->answerer->decode.exhausted)
        call_fail(call, STATUS(TOO_LARGE), "decoding the request takes more than %zu bytes",
                  SERVICE_DECODE_ROOM);
    else
        call_fail(call, STATUS(BAD_REQUEST),
                  "the frame does not decode as holdfast.control.v1.Request");
}

size_t service_answer(struct service *service, struct answerer *answerer, uint64_t asker,
                      int *descriptor, const uint8_t *request, size_t length, uint8_t *response,
                      enum service_after *after)
{
    Response answer = RESPONSE_INIT;
    struct call call = {.service = service,
                        .answerer = answerer,
                        .asker = asker,
                        .descriptor = descriptor,
                        .response = &answer};

    answer.protocol_minor = PROTOCOL_MINOR;
    bounded_reset(&answerer->decode);
    bounded_reset(&answerer->reply);
    call.request =
        holdfast__control__v1__request__unpack(&answerer->decode.allocator, length, request);
    if (call.request == NULL) {
        answer_undecodable(&call);
    } else {
        answer.id = call.request->id;
        dispatch(&call);
    }
    if (holdfast__control__v1__response__get_packed_size(&answer) > SERVICE_RESPONSE_ROOM)
        call_fail(&call, STATUS(FAILED), "the reply is too large");
    *after = call.after;
    return holdfast__control__v1__response__pack(&answer, response);
}

size_t service_refuse(uint64_t id, Status status, const char *message,
                      uint8_t response[SERVICE_REFUSAL_ROOM])
{
    char text[SERVICE_REFUSAL_ROOM - 64];
    Response answer = RESPONSE_INIT;

    snprintf(text, sizeof text, "%s", message);
    utf8_repair(text);
    answer.id = id;
    answer.status = status;
    answer.message = text;
    answer.protocol_minor = PROTOCOL_MINOR;
    return holdfast__control__v1__response__pack(&answer, response);
}

uint64_t service_wake(const struct service *service)
{
    return atomic_load(&service->drill.is_abandoned) ? 0 : call_drill_deadline(service);
}

void service_tick(struct service *service, uint64_t now)
{
    if (now >= call_drill_deadline(service))
        call_drill_end(service);
    if (!atomic_load(&service->drill.is_abandoned))
        return;
    call_drill_end(service);
    atomic_store(&service->drill.owner, 0);
    atomic_store(&service->drill.is_abandoned, false);
}

bool service_forget(struct service *service, uint64_t asker)
{
    const bool has_drill = atomic_load(&service->drill.owner) == asker;

    if (has_drill)
        atomic_store(&service->drill.is_abandoned, true);
    return has_drill;
}
