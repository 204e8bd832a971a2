/* SPDX-License-Identifier: MIT
 * One call while it is being answered, and what the functions that answer have in common. */
#ifndef HOLDFAST_CONTROL_CALL_H
#define HOLDFAST_CONTROL_CALL_H

#include "vmm/control/state.h"
#include "vmm/wire/protocol.h"

#include <stddef.h>
#include <stdint.h>

struct call {
    struct service *service;
    struct answerer *answerer;
    uint64_t asker;
    int *descriptor; /* that came with the request, -1: none. Whoever takes it leaves -1 */
    const Request *request;
    Response *response;
    enum service_after after;
    char message[640];
};

/* Answers with a status other than OK and a message for a person. */
void call_fail(struct call *call, Status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Memory for count parts of the reply. NULL if there is not enough, which was then answered. */
void *call_memory(struct call *call, size_t count, size_t size);

/* A copy of text as a protobuf string. NULL as call_memory(). */
char *call_text(struct call *call, const char *text);

uint64_t call_uptime_ms(const struct call *call);
MachineState call_machine_state(const struct call *call);

#endif
