/* SPDX-License-Identifier: MIT
 * What the service knows from one request to the next, and what each call works on. */
#ifndef HOLDFAST_CONTROL_STATE_H
#define HOLDFAST_CONTROL_STATE_H

#include "vmm/control/control.h"
#include "vmm/wire/bounded.h"

#include <stdbool.h>
#include <stdint.h>

/* Only one client at a time has a drill, from its beginning until the client is gone. */
struct service_drill {
    const void *owner; /* NULL: nobody */
    bool on;           /* it may still be running */
    uint64_t deadline_ms;
};

struct service {
    const struct control_config *config;
    struct arena *arena;
    struct machine *machine;
    uint64_t started_ms;
    const void *asker; /* whose request is being answered; set before service_answer() */
    struct service_drill drill;
    struct bounded decode;
    struct bounded reply;
};

enum service_after {
    SERVICE_GO_ON,
    SERVICE_STOP_MACHINE, /* once the Response has been sent, or cannot be */
};

#endif
