/* SPDX-License-Identifier: MIT
 * System call filters: what each thread may still ask of the kernel once the guest runs.
 *
 * A thread loads its filter itself, as its first act. Those that are started early wait until the
 * filters are made, which is when all of the guest's memory has its place; vCPUs wait until every
 * thread is in its filter. Where nothing was prepared, as in unit tests, nobody waits and there are
 * no filters.
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_SANDBOX_SANDBOX_H
#define HOLDFAST_SANDBOX_SANDBOX_H

#include "vmm/error.h"
#include "vmm/memory/places.h"

#include <stdbool.h>
#include <stdint.h>

enum sandbox_mode {
    SANDBOX_DEFAULT, /* on, or off with a line where this host has no filters */
    SANDBOX_ON,
    SANDBOX_OFF,
    SANDBOX_LOG, /* what is forbidden is done, and told in the kernel's log */
};

enum sandbox_thread {
    SANDBOX_VCPU,
    SANDBOX_RESET,
    SANDBOX_CONSOLE_INPUT,
    SANDBOX_CLOCK,
    SANDBOX_CONTROL,
    SANDBOX_WORKER, /* of the control service */
    SANDBOX_BALLAST,
    SANDBOX_TELLER,
    SANDBOX_MONITOR,
    SANDBOX_CORE_FILE,
    SANDBOX_OVERDUE,
    SANDBOX_WATCHDOG,
    SANDBOX_MAIN,
    SANDBOX_THREADS
};

/* "on", "off" or "log". 0, or -1 with the error set. */
int sandbox_parse(const char *text, enum sandbox_mode *mode, struct error *error);
/* The same the other way round, and "default". */
const char *sandbox_mode_name(enum sandbox_mode mode);

/* Before the first thread is started: sees whether this host has filters. 0, or -1 with the error
 * set: it has none and they were asked for, or there is no thread to be had. */
int sandbox_prepare(enum sandbox_mode mode, struct error *error);

/* To be called by whoever starts a thread that will call sandbox_enter(), before it is started, or
 * once it could be. */
void sandbox_expect(void);

/* Waits until the filters are made and puts the calling thread into its own. Cannot fail: what went
 * wrong is told by sandbox_close(), and no vCPU runs. Allocates nothing. */
void sandbox_enter(enum sandbox_thread thread);

/* Makes the filters, for memory that lies there. Allocates. 0, or -1 with the error set. */
int sandbox_build(const struct memory_places *places, struct error *error);

/* Before sandbox_close(): the main thread may remove files in this directory at the end. -1 as
 * directory: there is none. 0, or -1 with the error set. */
int sandbox_may_remove_in(int directory, struct error *error);

/* The main thread's: when all threads have been started, waits until each is in its filter, enters
 * its own, and lets vCPUs run. 0, or -1 with the error set: a filter was refused. */
int sandbox_close(struct error *error);

/* For a vCPU: waits for sandbox_close(). */
void sandbox_wait(void);

/* Where the start has failed: nobody waits any longer. */
void sandbox_give_up(void);

/* For people: "on", "log", "off", or "off: " and why. */
const char *sandbox_state(void);

/* What else the kernel does for the process. */
struct sandbox_protection {
    const char *name; /* for people */
    bool is_on;
    char why_not[300]; /* "": it is on */
};

/* All of them, on or off; returns how many. Not before sandbox_build(). */
uint32_t sandbox_protections(const struct sandbox_protection **list);

/* Prints each kind of thread with its calls. false with errno: it could not be written. */
bool sandbox_print_list(void);

#endif
