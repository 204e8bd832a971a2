/* SPDX-License-Identifier: MIT
 * Decodes a Request, has it answered, encodes the Response. */
#include "vmm/control/service.h"

#include "vmm/control/call.h"
#include "vmm/control/clock.h"
#include "vmm/log.h"
#include "vmm/wire/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

void call_fail(struct call *call, Status status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(call->message, sizeof call->message, format, args);
    va_end(args);
    utf8_repair(call->message);
    call->response->status = status;
    call->response->message = call->message;
    call->response->reply_case = REPLY(_NOT_SET);
}

void *call_memory(struct call *call, size_t count, size_t size)
{
    void *memory = bounded_array(&call->service->reply, count, size);
    if (memory == NULL)
        call_fail(call, STATUS(FAILED), "the reply is too large");
    return memory;
}

char *call_text(struct call *call, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = call_memory(call, bytes, 1);
    if (copy != NULL) {
        memcpy(copy, text, bytes);
        utf8_repair(copy);
    }
    return copy;
}

uint64_t call_uptime_ms(const struct call *call)
{
    return clock_ms() - call->service->started_ms;
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

/* Calls that change something leave a line in the log. */
static void dispatch(struct call *call)
{
    const char *change = NULL;
    switch (call->request->call_case) {
    case CALL(PING):
        call_ping(call);
        break;
    case CALL(INFO):
        call_info(call);
        break;
    case CALL(LIST_WINDOWS):
        call_list_windows(call);
        break;
    case CALL(LIST_OBJECTS):
        call_list_objects(call);
        break;
    case CALL(ATTACH):
        call_attach(call);
        break;
    case CALL(DETACH):
        call_detach(call);
        break;
    case CALL(STATS):
        call_stats(call);
        break;
    case CALL(PICTURE):
        call_picture(call);
        break;
    case CALL(PAUSE):
        call_pause(call);
        change = "pause";
        break;
    case CALL(RESUME):
        call_resume(call);
        change = "resume";
        break;
    case CALL(RESET):
        call_reset(call);
        change = "reset";
        break;
    case CALL(STOP):
        call_stop(call);
        change = "stop";
        break;
    case CALL(GUARANTEE):
        call_guarantee(call);
        break;
    case CALL(SET_QUOTA):
        call_set_quota(call);
        break;
    case CALL(DRILL):
        call_drill(call);
        break;
    case CALL(DRILL_REPORT):
        call_drill_report(call);
        break;
    case CALL(_NOT_SET):
    default:
        refuse_unknown(call);
        break;
    }
    if (change != NULL && call->response->status == STATUS(OK))
        log_line("control: %s", change);
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
