/* SPDX-License-Identifier: MIT
 * One call while it is being answered, and the functions that answer. */
#ifndef HOLDFAST_CONTROL_CALL_H
#define HOLDFAST_CONTROL_CALL_H

#include "vmm/control/service.h"

struct call {
    struct service *service;
    const Request *request;
    Response *response;
    enum service_after after;
    char message[640];
};

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

/* ---- what they use ---- */

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
