/* SPDX-License-Identifier: MIT
 * A vCPU. Most of it is its own thread's business.
 *
 * Who may touch which member is said beside it:
 * fixed: set by vcpu_create(), before the thread begins, and only read from then on
 * own: by the vCPU's thread alone
 * lock: by whoever holds the machine's lock
 * atomic: by any thread, without a lock */
#ifndef HOLDFAST_MACHINE_VCPU_H
#define HOLDFAST_MACHINE_VCPU_H

#include "hidden_fault.h"
#include "power_on.h"
#include "standstill.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/faults.h"
#include "vmm/error.h"

#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct machine;

/* Puts the calling vCPU's thread somewhere else. */
#define VCPU_IS_AT(vcpu, where) atomic_store_explicit(&(vcpu)->place, where, memory_order_relaxed)

struct vcpu {
    /* fixed */
    struct machine *machine;
    uint32_t index;
    int fd;
    struct arena_caller caller; /* of its calls */
    struct vcpu_power_on at_power_on;

    /* The pointer is fixed, and what is behind it the own thread's; but immediate_exit is also set
     * by others, with the lock held. */
    struct kvm_run *run;

    /* lock. Only machine_start() writes them; the thread that starts and destroys the machine also
     * reads them without. */
    pthread_t thread;
    bool has_thread;

    /* own */
    bool exit_incomplete; /* the last exit waits for the next KVM_RUN to be completed */
    uint32_t refusals;    /* of KVM_RUN for want of memory or in a drill, one after the other */
    bool by_drill;        /* the last one was only that of a drill */
    uint32_t tries;       /* of an instruction that the host has failed */
    uint64_t tried_rip;
    uint64_t tried_key; /* made of what it touches */
    int64_t tried_at;   /* seconds of the monotonic clock */
    bool is_retried;    /* what KVM_RUN has failed is tried again */
    struct arena_wait wait;
    int fetch_error; /* why the host had no page then; 0: it had one */
    struct standstill standstill;
    struct hidden_fault suspect;

    /* atomic */
    _Atomic int thread_id;       /* 0: it has not begun yet; set with the lock held */
    _Atomic uint64_t exits;      /* counted by the own thread */
    _Atomic int place;           /* enum vcpu_place; only the own thread changes it */
    _Atomic uint64_t steps;      /* of calls that wait, counted by the own thread */
    _Atomic bool has_look_timer; /* whether look_timer can be used; it is set before */

    timer_t look_timer; /* of hidden_fault_watch(), fixed once has_look_timer is true */
};

/* Makes the vCPU as firmware leaves it, and the first one as the kernel begins. Before, all of it
 * is 0 but for fd, which is -1. 0, or -1 with the error set. */
int vcpu_create(struct machine *machine, struct vcpu *vcpu, uint32_t index, struct error *error);

/* Its thread has ended, or never begun. It need not have been made, or not wholly. */
void vcpu_destroy(struct vcpu *vcpu);

/* Completes the exit that the vCPU is in, so that its registers are all there is of its state.
 * On the vCPU's own thread. */
void vcpu_complete_exit(struct vcpu *vcpu);

#endif
