/* SPDX-License-Identifier: MIT */
#include "vmm/control/call.h"

#include "vmm/control/clock.h"
#include "vmm/machine/machine.h"
#include "vmm/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
    void *memory = bounded_array(&call->answerer->reply, count, size);
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

MachineState call_machine_state(const struct call *call)
{
    switch (machine_state(call->service->machine)) {
    case MACHINE_PAUSED:
        return STATE(PAUSED);
    case MACHINE_RUNNING:
        return STATE(RUNNING);
    case MACHINE_ENDED:
        return STATE(ENDED);
    }
    return STATE(UNSPECIFIED);
}
