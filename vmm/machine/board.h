/* SPDX-License-Identifier: MIT
 * What the files of this room share: the machine with its vCPUs. */
#ifndef HOLDFAST_MACHINE_BOARD_H
#define HOLDFAST_MACHINE_BOARD_H

#include "hidden_fault.h"
#include "kvm.h"
#include "machine.h"
#include "power_on.h"
#include "standstill.h"
#include "vmm/arena/arena.h"
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
#include <time.h>

struct vcpu {
    struct machine *machine;
    uint32_t index;
    int fd;
    struct kvm_run *run;
    pthread_t thread;
    bool has_thread;
    _Atomic int thread_id;      /* 0: it has not begun yet */
    struct arena_caller caller; /* of its calls */
    bool unsettled;             /* the last exit waits for the next KVM_RUN to be completed */
    uint32_t refusals; /* of KVM_RUN for want of memory or in a drill, one after the other */
    bool played;       /* the last one was only that of a drill */
    uint32_t tries;    /* of an instruction that the host has failed */
    uint64_t tried_rip;
    uint64_t tried_key; /* made of what it touches */
    int64_t tried_at;   /* seconds of the monotonic clock */
    int fetch_error;    /* why the host had no page then; 0: it had one */
    struct standstill standstill;
    struct hidden_fault suspect;
    timer_t look_timer; /* of hidden_fault_watch() */
    _Atomic bool has_look_timer;
    _Atomic uint64_t exits;
    struct vcpu_power_on at_power_on;
};

#define EVENTS_GSI 5u /* of the change interrupt: an ISA line that no device here has */

/* Why vCPUs are to stay out of KVM_RUN. */
enum hold { HOLD_PAUSE = 1, HOLD_RESET = 2, HOLD_OVER = 4 };

struct machine {
    struct kvm *kvm;
    struct memory *memory;
    struct arena *arena;
    uint64_t instance; /* HF_CPUID_LEAF_INSTANCE */
    struct hypercalls hypercalls;
    struct boot_image image;
    struct chips_power_on chips_at_power_on;

    pthread_mutex_t devices_lock;
    struct serial serial;
    struct power power;
    struct cmos cmos;
    struct keyboard keyboard;
    uint8_t absent_reads; /* of ports without a device */
    bool serial_line;     /* as the interrupt controllers have it */
    bool power_line;      /* the same */
    bool clock_line;      /* the same */
    bool clock_alarm;     /* whether the alarm was a reason for it */
    int clock_fd;         /* a timer, for the clock's next interrupt */
    int64_t clock_armed;  /* what it is set to */
    pthread_t clock;
    bool has_clock;
    int input_fd; /* wakes the thread that waits for the console's input */
    pthread_t input;
    bool has_input;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* any of what follows */
    unsigned hold;          /* enum hold; vCPUs run only at 0 */
    uint32_t parked;        /* vCPUs that wait */
    uint32_t waiting;       /* vCPUs that run no guest either, for they wait for memory */
    bool ended;
    enum machine_end end;
    uint8_t guest_status;
    uint64_t resets;
    struct machine_policy policy;
    struct machine_listener listener;
    enum machine_end over; /* with HOLD_OVER: what the guest's end was */
    bool reset_by_guest;

    _Atomic bool attention; /* hold or ended changed: look before the next KVM_RUN */
    int end_fd;
    struct arena_caller resetter; /* of the reset that is under way */
    pthread_t reset_thread;       /* performs resets, which no vCPU can do for itself */
    bool has_reset_thread;

    uint32_t vcpus;
    struct vcpu *vcpu;
};

/* Whether no vCPU runs the guest. The lock is held. */
static inline bool vcpus_are_stopped(const struct machine *machine)
{
    return machine->parked + machine->waiting == machine->vcpus;
}

/* ---- vcpu.c ---- */
int vcpu_create(struct machine *machine, struct vcpu *vcpu, uint32_t index, struct error *error);
void vcpu_destroy(struct vcpu *vcpu);

/* Completes the exit that the vCPU is in, so that its registers are all there is of its state.
 * On the vCPU's own thread. */
void vcpu_settle(struct vcpu *vcpu);

/* ---- vcpu_thread.c ---- */

/* The vCPU's thread. */
void *vcpu_thread(void *vcpu);

/* ---- cpuid.c ---- */
int vcpu_set_cpuid(struct vcpu *vcpu, struct error *error);

/* ---- ports.c ---- */
void vcpu_port_access(struct vcpu *vcpu);

/* ---- input.c ---- */

/* Drives the serial port's interrupt line after anything about the port has changed. devices_lock
 * is held. */
void input_settle(struct machine *machine);
/* The same for that of the power button and the clock's alarm. */
void input_settle_power(struct machine *machine);
/* The thread that hands the console's input to a driver that waits for interrupts. */
void *input_thread(void *machine);
/* Makes the thread look again at what the driver wants and whether the machine has ended. */
void input_wake(struct machine *machine);

/* ---- clock.c ---- */

/* Makes the clock's timer. 0, or -1 with the error set. */
int clock_open(struct machine *machine, struct error *error);
/* The guest's accesses. Any thread; cannot fail. */
void clock_write(struct machine *machine, uint8_t offset, uint8_t value);
uint8_t clock_read(struct machine *machine, uint8_t offset);
/* devices_lock is held. */
void clock_reset(struct machine *machine);
/* The thread that raises the clock's interrupts. */
void *clock_thread(void *machine);

/* ---- fault.c ---- */

/* KVM_RUN failed because no host page is behind an address. */
void fault_no_page(struct vcpu *vcpu);
/* KVM_RUN failed for want of memory. */
void fault_no_memory(struct vcpu *vcpu);
/* KVM_RUN was interrupted, which may have been an access made again and again. */
void fault_look(struct vcpu *vcpu);
/* An exit for an address without a device. */
void fault_mmio(struct vcpu *vcpu);
/* KVM could not emulate an instruction. */
void fault_emulation(struct vcpu *vcpu);

/* ---- ending.c ---- */

/* Ends the machine; the first call wins. Any thread. */
void ending_end(struct machine *machine, enum machine_end end, uint8_t guest_status);

/* Does what the policy wants when the guest ends like this. Any thread. */
void ending_follow(struct machine *machine, enum machine_end end, uint8_t guest_status);

/* The guest has crashed, which is logged with a reason and a number that explains it. On the vCPU's
 * thread. */
void ending_crash(struct vcpu *vcpu, const char *reason, unsigned long long detail);

/* Ends the machine, for a call to KVM has failed; errno says why. */
void ending_host_failed(struct vcpu *vcpu, const char *call);

/* ---- lifecycle.c ---- */

/* All with the lock held: makes every vCPU look at hold and ended; asks for a reset, before which
 * no vCPU runs any further; takes back reasons to hold vCPUs (enum hold); has the listener told. */
void lifecycle_kick(struct machine *machine);
void lifecycle_request_reset(struct machine *machine, bool by_guest);
void lifecycle_let_go(struct machine *machine, unsigned reasons);
void lifecycle_tell(const struct machine *machine, struct machine_news news);

/* Makes the thread's ID known. The first that a vCPU's thread does. */
void lifecycle_begin(struct vcpu *vcpu);

/* Called by a vCPU's thread before each KVM_RUN that follows a change: waits while the machine is
 * held. false: the machine has ended. */
bool lifecycle_may_run(struct vcpu *vcpu);

/* Called by a vCPU's thread that runs no guest while the host is short of memory: waits so many
 * nanoseconds, or less. A pause does not wait for it. false: the VM is being reset or has ended,
 * and what the vCPU is doing is to be given up. */
bool lifecycle_wait(struct vcpu *vcpu, uint64_t nanoseconds);
/* The same for a call, whose caller is a vCPU's. */
bool lifecycle_wait_in_call(const struct arena_caller *caller, uint64_t nanoseconds);

/* The signal that gets a vCPU's thread out of KVM_RUN. */
void lifecycle_prepare_signal(void);

/* ---- reset.c ---- */

/* The thread that performs resets. */
void *reset_thread(void *machine);

#endif
