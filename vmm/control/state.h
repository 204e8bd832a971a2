/* SPDX-License-Identifier: MIT
 * What the service knows from one request to the next, and what each call works on. */
#ifndef HOLDFAST_CONTROL_STATE_H
#define HOLDFAST_CONTROL_STATE_H

#include "vmm/control/control.h"
#include "vmm/wire/bounded.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Only one client at a time has a drill, from its beginning until the client is gone. All but the
 * first two is for the thread that answers drills. */
struct service_drill {
    _Atomic uint64_t owner; /* the number of the client; 0: nobody */
    _Atomic bool is_abandoned;
    bool on; /* it may still be running */
    uint64_t deadline_ms;
};

/* What all who answer have in common. */
struct service {
    const struct control_config *config;
    struct arena *arena;
    struct machine *machine;
    uint64_t started_ms;
    struct service_drill drill;
};

/* The memory of one who answers. */
struct answerer {
    struct bounded decode;
    struct bounded reply;
};

enum service_after {
    SERVICE_GO_ON,
    SERVICE_STOP_MACHINE, /* once the Response has been sent, or cannot be */
};

#endif
