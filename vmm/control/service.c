/* SPDX-License-Identifier: MIT
 * Decodes a Request, has it answered, encodes the Response. */
#include "vmm/control/service.h"

#include "vmm/control/calls.h"
#include "vmm/control/clock.h"
#include "vmm/log.h"
#include "vmm/utf8.h"

#include <stdio.h>

void service_init(struct service *service, const struct control_config *config, struct arena *arena,
                  struct machine *machine, void *decode, void *reply)
{
    *service = (struct service){
        .config = config,
        .arena = arena,
        .machine = machine,
        .started_ms = clock_ms(),
    };
    bounded_init(&service->decode, decode, SERVICE_DECODE_ROOM);
    bounded_init(&service->reply, reply, SERVICE_REPLY_ROOM);
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
    const char *change; /* for the log, once it was made; NULL: none, or the call logs more of it */
} calls[] = {
    [CALL(PING)] = {call_ping, NULL},
    [CALL(INFO)] = {call_info, NULL},
    [CALL(LIST_WINDOWS)] = {call_list_windows, NULL},
    [CALL(LIST_OBJECTS)] = {call_list_objects, NULL},
    [CALL(ATTACH)] = {call_attach, NULL},
    [CALL(DETACH)] = {call_detach, NULL},
    [CALL(STATS)] = {call_stats, NULL},
    [CALL(PICTURE)] = {call_picture, NULL},
    [CALL(PAUSE)] = {call_pause, "pause"},
    [CALL(RESUME)] = {call_resume, "resume"},
    [CALL(RESET)] = {call_reset, "reset"},
    [CALL(STOP)] = {call_stop, "stop"},
    [CALL(GUARANTEE)] = {call_guarantee, NULL},
    [CALL(SET_QUOTA)] = {call_set_quota, NULL},
    [CALL(DRILL)] = {call_drill, NULL},
    [CALL(DRILL_REPORT)] = {call_drill_report, NULL},
};

static void dispatch(struct call *call)
{
    const size_t number = (size_t)call->request->call_case;
    if (number >= sizeof calls / sizeof calls[0] || calls[number].answer == NULL) {
        refuse_unknown(call);
        return;
    }
    calls[number].answer(call);
    if (calls[number].change != NULL && call->response->status == STATUS(OK))
        log_line("control: %s", calls[number].change);
}

static void answer_undecodable(struct call *call)
{
    if (call->service->decode.exhausted)
        call_fail(call, STATUS(TOO_LARGE), "decoding the request takes more than %zu bytes",
                  SERVICE_DECODE_ROOM);
    else
        call_fail(call, STATUS(BAD_REQUEST),
                  "the frame does not decode as holdfast.control.v1.Request");
}

size_t service_answer(struct service *service, const uint8_t *request, size_t length,
                      uint8_t *response, enum service_after *after)
{
    Response answer = RESPONSE_INIT;
    struct call call = {.service = service, .response = &answer};

    answer.protocol_minor = PROTOCOL_MINOR;
    bounded_reset(&service->decode);
    bounded_reset(&service->reply);
    call.request =
        holdfast__control__v1__request__unpack(&service->decode.allocator, length, request);
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

size_t service_refuse(Status status, const char *message, uint8_t response[SERVICE_REFUSAL_ROOM])
{
    char text[SERVICE_REFUSAL_ROOM - 64];
    Response answer = RESPONSE_INIT;

    snprintf(text, sizeof text, "%s", message);
    utf8_repair(text);
    answer.status = status;
    answer.message = text;
    answer.protocol_minor = PROTOCOL_MINOR;
    return holdfast__control__v1__response__pack(&answer, response);
}

uint64_t service_wake(const struct service *service)
{
    return call_drill_deadline(service);
}

void service_tick(struct service *service, uint64_t now)
{
    if (now >= call_drill_deadline(service))
        call_drill_end(service);
}

void service_forget(struct service *service, const void *asker)
{
    if (service->drill.owner != asker)
        return;
    call_drill_end(service);
    service->drill.owner = NULL;
}
