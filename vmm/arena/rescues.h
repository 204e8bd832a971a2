/* SPDX-License-Identifier: MIT
 * Rescues: the host's kernel has refused a call, or an access of the guest's, for want of memory,
 * and the VMM tries again until it gives in. This is how others see one while it lasts. */
#ifndef HOLDFAST_ARENA_RESCUES_H
#define HOLDFAST_ARENA_RESCUES_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

#define ARENA_RESCUES_MOST 64u /* that can be seen at once; more are counted */

#define RESCUE_ACCESS "access" /* the call of an access */

/* One call, or vCPU, that waits for the host's memory. */
struct arena_rescue {
    const char *call;        /* "MAP", "UNMAP", "REMAP", "RESERVE", "reset", "detach", "access" */
    bool is_access;          /* of a vCPU, outside any call */
    uint32_t vcpu;           /* of an access */
    uint64_t since_ns;       /* its first refusal, CLOCK_MONOTONIC */
    uint64_t refused_ns;     /* an access's last one */
    uint64_t waited_ns;      /* since the first one */
    uint64_t window;         /* handle; 0: not of one window */
    uint64_t address;        /* of the window, or that is accessed; guest-physical */
    bool has_address;        /* it is known */
    uint32_t tag;            /* of the window */
    uint32_t attempts;       /* of the system call, refused one after the other */
    const char *system_call; /* that was refused last: "mmap", "madvise", "KVM_RUN" ... */
    int error;               /* errno of that */
    bool injected;           /* it was made up, by a drill or a test */
    bool has_lent;           /* the call has given ballast to the kernel */
};

/* Copies up to room rescues that are under way, the one that has lasted longest first. Returns how
 * many; all: how many there are, those that were not copied included. An access counts for half a
 * second after its last refusal, for nobody sees it succeed. Takes no lock, and nobody waits for
 * it. Cannot fail: one that changes all the while is left out. */
uint32_t arena_rescues(struct arena *arena, struct arena_rescue *rescues, uint32_t room,
                       uint32_t *all);

#endif
