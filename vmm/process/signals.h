/* SPDX-License-Identifier: MIT
 * The signals that end a VM. They are blocked in all threads and arrive at a descriptor. */
#ifndef HOLDFAST_PROCESS_SIGNALS_H
#define HOLDFAST_PROCESS_SIGNALS_H

#include "vmm/error.h"

#include <stdbool.h>

/* Before the first thread. 0, or -1 with the error set: no descriptor to be had. */
int signals_catch(struct error *error);

/* The descriptor: readable when one has come. -1 before signals_catch(). */
int signals_fd(void);

/* Whether one has come. Makes one system call, cannot fail. */
bool signals_came(void);

/* The one that has come, which is taken; 0: none. */
int signals_take(void);

/* For the end: no more are heard. */
void signals_close(void);

#endif
