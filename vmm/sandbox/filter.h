/* SPDX-License-Identifier: MIT
 * The filters of all kinds of threads: made once, before the guest runs, and loaded by each thread
 * without an allocation. */
#ifndef HOLDFAST_SANDBOX_FILTER_H
#define HOLDFAST_SANDBOX_FILTER_H

#include "vmm/error.h"
#include "vmm/memory/places.h"
#include "vmm/sandbox/sandbox.h"

#include <stdbool.h>

/* Whether a thread of this process may load a filter, as one sees that does. Where none may, why
 * says so; else it is empty. 0, or -1 with the error set: no thread to be had. */
int filter_try(struct error *why, struct error *error);

/* 0, or -1 with the error set. Allocates. is_log: what is forbidden is told and done. */
int filter_make_all(const struct memory_places *places, bool is_log, struct error *error);

/* Loads that of a kind of thread for the caller. 0, or -1 with errno. */
int filter_load(enum sandbox_thread thread);

/* When all threads but the last have their filters: gives back the memory that took to make them,
 * which is not locked. To be called by that last one, whose own filter does not let it. */
void filter_forget_others(enum sandbox_thread last);

#endif
