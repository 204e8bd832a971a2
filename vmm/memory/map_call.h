/* SPDX-License-Identifier: MIT
 * One call on the map path, as the memory room sees it. */
#ifndef HOLDFAST_MEMORY_MAP_CALL_H
#define HOLDFAST_MEMORY_MAP_CALL_H

#include <stdbool.h>
#include <stdint.h>

struct map_call {
    int vcpu_fd; /* second-level entries are made for this vCPU, whose thread is the caller */

    /* Waits about so many nanoseconds, or less, without any lock that others need. false: the call
     * is given up, for the VM is being reset or has ended. NULL: sleeps, and is never given up. */
    bool (*wait)(struct map_call *call, uint64_t nanoseconds);

    uint32_t refusals; /* by the host's kernel so far, each got over */
    int cause;         /* errno of the last one */
    bool by_drill;     /* the last one was only that of a drill */

    /* For whoever watches it wait; set by rescue_note(). */
    bool injected;           /* the last one was made up, by a drill or a test */
    bool has_lent;           /* it has given ballast to the kernel itself */
    uint64_t since;          /* of its first refusal, CLOCK_MONOTONIC in nanoseconds; 0: none */
    const char *system_call; /* that was refused last: "mmap", "madvise", ... */
    uint32_t attempts;       /* of that system call, refused one after the other */
};

/* How the host has answered a call. */
enum map_result {
    MAP_DONE,
    MAP_REFUSED,  /* for another reason than a want of memory */
    MAP_GIVEN_UP, /* map_call.wait() said so */
};

#endif
