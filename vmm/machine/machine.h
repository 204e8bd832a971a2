/* SPDX-License-Identifier: MIT
 * The virtual machine itself: vCPUs, devices, life cycle. Knows KVM, does not know its guest.
 *
 * Words: vmm/WORDS.md. */
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

/* What follows when the guest ends in one of these ways. A machine that is paused then waits for
 * machine_reset(); only after a panic may it be resumed. */
enum machine_action { MACHINE_EXITS, MACHINE_RESETS, MACHINE_PAUSES };

struct machine_policy {
    enum machine_action on_exit; /* MACHINE_GUEST_EXIT, and so on */
    enum machine_action on_poweroff;
    enum machine_action on_reboot;
    enum machine_action on_panic;
    enum machine_action on_crash;
};

struct machine_config {
    struct boot_config boot;
    struct machine_policy policy;
    bool paused; /* machine_start() leaves the vCPUs waiting for machine_resume() */
};

/* What a listener is told. */
enum machine_event {
    MACHINE_DID_PAUSE,
    MACHINE_DID_RESUME,
    MACHINE_DID_RESET,
    MACHINE_GUEST_IS_OVER,
};

struct machine_news {
    enum machine_event event;
    enum machine_end how; /* with MACHINE_GUEST_IS_OVER */
    bool by_guest;        /* the guest did it, and not an operator */
};

/* tell() is called with the machine's lock held, on any thread: it must neither call the machine
 * nor wait. */
struct machine_listener {
    void (*tell)(void *who, const struct machine_news *news);
    void *who;
};

/* What the machine is doing. */
enum machine_state { MACHINE_PAUSED, MACHINE_RUNNING, MACHINE_ENDED };

/* Loads the kernel and makes the vCPUs, paused. NULL with the error set on failure. */
struct machine *machine_create(struct kvm *kvm, struct memory *memory, struct arena *arena,
                               struct console *console, const struct machine_config *config,
                               struct error *error);
void machine_destroy(struct machine *machine);

/* Both may be called before the start; the policy also later, by any thread. */
void machine_listen(struct machine *machine, struct machine_listener listener);
void machine_set_policy(struct machine *machine, struct machine_policy policy);

/* Starts the vCPU threads. 0, or -1 with the error set. */
int machine_start(struct machine *machine, struct error *error);

/* Each returns once it holds on every vCPU, or another thread has asked for the opposite. false:
 * the machine has ended, nothing was done. Safe from any thread but a vCPU's. */
bool machine_pause(struct machine *machine);
bool machine_resume(struct machine *machine); /* also false: it waits after its guest's end */

/* Releases every window, boots the kernel anew. A machine that waits after its guest's end is
 * paused then. */
bool machine_reset(struct machine *machine);

/* Presses the power button. false: no driver of the guest's listens to it. Any thread. */
bool machine_press_power_button(struct machine *machine);

/* As if the guest had powered off. Any thread. */
void machine_power_off(struct machine *machine);

/* Raises the change interrupt: an object was attached or detached, or a page of one cannot be had.
 * A paused machine sees it when it goes on. Any thread; cannot fail. */
void machine_objects_changed(struct machine *machine);

/* Ends the machine; returns at once. May be called from any thread. */
void machine_stop(struct machine *machine);

/* Readable when the machine has ended. */
int machine_end_fd(const struct machine *machine);
enum machine_end machine_wait(struct machine *machine, uint8_t *guest_status);

enum machine_state machine_state(struct machine *machine);

/* Whether it waits after its guest's end, and which that was. */
bool machine_waits(struct machine *machine, enum machine_end *end);

/* The thread ID of a vCPU, once the machine has been started; 0 if that has failed. */
int machine_vcpu_thread(struct machine *machine, uint32_t index);

/* Where a vCPU's thread is. */
enum vcpu_place {
    VCPU_AT_WORK,  /* it does something that ends */
    VCPU_IN_GUEST, /* in KVM_RUN: the guest runs, or halts, or the host's kernel gets it a page */
    VCPU_WAITS,    /* for a resume, the end of a reset, or the host's memory; or it has ended */
};

struct vcpu_progress {
    enum vcpu_place place;
    uint64_t count; /* grows whenever the thread gets on */
    int thread_id;
};

/* Takes no lock, waits for nobody. Once the machine has been started. */
void machine_vcpu_progress(const struct machine *machine, uint32_t index,
                           struct vcpu_progress *progress);

struct machine_counters {
    uint64_t exits;  /* returns from KVM_RUN */
    uint64_t resets; /* since the start */
};
void machine_counters(struct machine *machine, struct machine_counters *counters);

#endif
