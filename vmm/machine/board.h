/* SPDX-License-Identifier: MIT
 * The machine, as the files of this room share it.
 *
 * Who may touch which member is said beside it:
 * fixed: set by machine_create(), before any thread begins, and only read from then on
 * lock, devices_lock: by whoever holds that lock
 * atomic: by any thread, without a lock
 *
 * Whoever needs both locks takes lock first. Neither is held during a call into the arena. */
#ifndef HOLDFAST_MACHINE_BOARD_H
#define HOLDFAST_MACHINE_BOARD_H

#include "kvm.h"
#include "machine.h"
#include "power_on.h"
#include "vmm/boot/boot.h"
#include "vmm/devices/cmos.h"
#include "vmm/devices/keyboard.h"
#include "vmm/devices/power.h"
#include "vmm/devices/serial.h"
#include "vmm/hypercalls/hypercalls.h"
#include "vmm/memory/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;
struct vcpu;

#define EVENTS_GSI 5u /* of the change interrupt: an ISA line that no device here has */

/* Why vCPUs are to stay out of KVM_RUN. */
enum hold { HOLD_PAUSE = 1, HOLD_RESET = 2, HOLD_OVER = 4 };

struct machine {
    /* fixed */
    struct kvm *kvm;
    struct memory *memory;
    struct arena *arena;
    uint64_t instance; /* HF_CPUID_LEAF_INSTANCE */
    struct hypercalls hypercalls;
    struct boot_image image;
    struct chips_power_on chips_at_power_on;
    uint32_t vcpus;
    struct vcpu *vcpu; /* the array; vcpu.h says who may touch what of each */
    int clock_fd;      /* a timer, for the clock's next interrupt */
    int input_fd;      /* wakes the thread that waits for the console's input */
    int end_fd;        /* readable once the machine has ended */

    pthread_mutex_t devices_lock;

    /* devices_lock */
    struct serial serial;
    struct power power;
    struct cmos cmos;
    struct keyboard keyboard;
    uint8_t absent_reads; /* of ports without a device */
    bool serial_line;     /* as the interrupt controllers have it */
    bool power_line;      /* the same */
    bool clock_line;      /* the same */
    bool clock_alarm;     /* whether the alarm was a reason for it */
    int64_t clock_armed;  /* what clock_fd is set to */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* any of what the lock covers, or a vCPU's thread has begun */

    /* lock */
    unsigned hold;    /* enum hold; vCPUs run only at 0 */
    uint32_t parked;  /* vCPUs that wait */
    uint32_t waiting; /* vCPUs that run no guest either, for they wait in a call or for memory */
    bool ended;
    enum machine_end end;
    uint8_t guest_status;
    uint64_t resets;
    struct machine_policy policy;
    struct machine_listener listener;
    enum machine_end over; /* with HOLD_OVER: what the guest's end was */
    bool reset_by_guest;

    /* lock. Only machine_start() writes them; the thread that starts and destroys the machine also
     * reads them without. */
    pthread_t reset_thread; /* performs resets, which no vCPU can do for itself */
    bool has_reset_thread;
    pthread_t input;
    bool has_input;
    pthread_t clock;
    bool has_clock;

    /* atomic; written with the lock held */
    _Atomic bool attention; /* hold or ended changed: look before the next KVM_RUN */
};

/* Whether no vCPU runs the guest. The lock is held. */
static inline bool vcpus_are_stopped(const struct machine *machine)
{
    return machine->parked + machine->waiting == machine->vcpus;
}

#endif
