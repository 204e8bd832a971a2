/* SPDX-License-Identifier: MIT
 * The text that is served: made of one look at all VMs, and shared by all who ask within a second.
 */
#ifndef HOLDFAST_EXPORTER_PAGES_H
#define HOLDFAST_EXPORTER_PAGES_H

#include "vmm/metrics/metrics.h"

#include <stddef.h>
#include <stdint.h>

struct page {
    char *text;
    size_t length;
    /* pages.c's own: */
    unsigned users; /* those who serve it, and the list of pages */
    uint64_t made_ms;
};

/* How long a VM has to answer. Before the first page. */
void pages_set_timeout(uint32_t milliseconds);

/* The text in a format. Whoever comes while it is made waits for it, so the VMs have one client
 * here however many ask. NULL with the error set: the VMs cannot be looked for, or no memory. Takes
 * as long as the slowest VM, its time limit at most. Any thread. */
struct page *pages_get(enum metrics_format format, struct error *error);

/* Gives it back. Cannot fail. */
void pages_put(struct page *page);

#endif
