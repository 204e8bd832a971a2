/* SPDX-License-Identifier: MIT
 * The virtual machine itself: vCPUs, devices, life cycle. Knows KVM, does not know its guest. */
#ifndef HOLDFAST_MACHINE_MACHINE_H
#define HOLDFAST_MACHINE_MACHINE_H

#include "vmm/boot/boot.h"
#include "vmm/error.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct console;
struct kvm;
struct memory;

struct machine;

/* What follows when the guest turns itself off, resets itself or panics. */
enum machine_action { MACHINE_EXITS, MACHINE_RESETS, MACHINE_PAUSES };

struct machine_config {
    struct boot_config boot;
    enum machine_action on_poweroff, on_reboot, on_panic;
};

/* What the machine is doing. */
enum machine_state { MACHINE_PAUSED, MACHINE_RUNNING, MACHINE_ENDED };

/* Why it ended. */
enum machine_end {
    MACHINE_GUEST_EXIT, /* the guest wrote a status to HF_PORT_EXIT */
    MACHINE_POWERED_OFF,
    MACHINE_REBOOTED, /* and was to end then */
    MACHINE_PANICKED,
    MACHINE_STOPPED, /* an operator asked */
    MACHINE_CRASHED, /* triple fault, or KVM gave up on the guest */
    MACHINE_FAILED,  /* the host failed the machine */
};

/* Loads the kernel and makes the vCPUs, paused. NULL with the error set on failure. */
struct machine *machine_create(struct kvm *kvm, struct memory *memory, struct arena *arena,
                               struct console *console, const struct machine_config *config,
                               struct error *error);
void machine_destroy(struct machine *machine);

/* Starts the vCPU threads. 0, or -1 with the error set. */
int machine_start(struct machine *machine, struct error *error);

/* Each returns once it holds on every vCPU. false: the machine has ended, nothing was done. Safe
 * from any thread but a vCPU's. */
bool machine_pause(struct machine *machine);
bool machine_resume(struct machine *machine);
bool machine_reset(struct machine *machine); /* releases every window, boots the kernel anew */

/* Raises the change interrupt: an object was attached or detached. A paused machine sees it when
 * it goes on. Any thread but a vCPU's; cannot fail. */
void machine_objects_changed(struct machine *machine);

/* Ends the machine; returns at once. May be called from any thread. */
void machine_stop(struct machine *machine);

/* Readable when the machine has ended. */
int machine_end_fd(const struct machine *machine);
enum machine_end machine_wait(struct machine *machine, uint8_t *guest_status);

enum machine_state machine_state(const struct machine *machine);

struct machine_counters {
    uint64_t exits;  /* returns from KVM_RUN */
    uint64_t resets; /* since the start */
};
void machine_counters(const struct machine *machine, struct machine_counters *counters);

#endif
