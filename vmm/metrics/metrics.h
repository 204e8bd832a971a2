/* SPDX-License-Identifier: MIT
 * What Prometheus reads of VMs: for `holdfastctl metrics` and holdfast-exporter alike. The names
 * are in holdfast-metrics(7).
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_METRICS_METRICS_H
#define HOLDFAST_METRICS_METRICS_H

#include "holdfast/client.h"
#include "vmm/error.h"
#include "vmm/wire/vm_name.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* So many tags without a quota have samples of their own, whatever the guest does: those that were
 * seen first. The rest is added up as tag "other". */
#define METRICS_TAGS 32u

struct metrics_tags {
    uint32_t tag[METRICS_TAGS];
    uint32_t count;
};

enum metrics_state {
    METRICS_NEW,         /* not asked yet */
    METRICS_UNREACHABLE, /* also: its answer makes no sense, or has not come in time */
    METRICS_FORBIDDEN,   /* closed to this user */
    METRICS_TOO_OLD,     /* its VMM answers but does not know the call */
    METRICS_TOLD,
};

struct metrics_vm {
    char name[VM_NAME_MAX + 1];
    char path[PATH_MAX]; /* of its socket */
    enum metrics_state state;
    enum holdfast_status status; /* OK: it was told */
    char why_not[160];           /* for people; "" where it was told */
    uint64_t waited_ns;
    const struct holdfast_reply *reply; /* where it was told */

    /* From one look to the next: */
    struct metrics_tags tags;
    enum metrics_state was; /* at the look before; METRICS_NEW: there was none */
};

struct metrics_vms {
    struct metrics_vm *vm; /* by name */
    size_t count;
};

/* Finds the sockets of this user's VMs, and keeps the tags of those that were there before. Removes
 * nothing: the socket of a VMM that was killed stays, and is unreachable. Waits for nothing but the
 * file system. 0, or -1 with the error set and the VMs as they were. */
int metrics_find(struct metrics_vms *vms, struct error *error);

/* Adds one VM, by name or by the path of its socket. 0, or -1 with the error set. */
int metrics_add(struct metrics_vms *vms, const char *vm, struct error *error);

/* Asks all of them, side by side: each has so long to answer. Cannot fail. */
void metrics_ask(struct metrics_vms *vms, uint32_t milliseconds);

/* Gives back the answers, or everything. */
void metrics_forget(struct metrics_vms *vms);
void metrics_free(struct metrics_vms *vms);

enum metrics_format {
    METRICS_OPENMETRICS, /* 1.0.0 */
    METRICS_PROMETHEUS,  /* the older text format, 0.0.4 */
};

/* Writes the text. Every metric is named, also where no VM has samples of it. The stream tells
 * whether it could be written. */
void metrics_write(FILE *stream, enum metrics_format format, const struct metrics_vms *vms);

#endif
