/* SPDX-License-Identifier: MIT
 * The end of the process when what it waits for does not come, such as the answer of a file system:
 * no thread but one that waits for nothing can see to it. */
#ifndef HOLDFAST_PROCESS_OVERDUE_H
#define HOLDFAST_PROCESS_OVERDUE_H

#include "vmm/error.h"

#define OVERDUE_SECONDS 8u

/* Starts the thread, after signals_catch(). From now on the process ends with this status
 * OVERDUE_SECONDS after a signal has come that nobody has taken: at the start, for example. 0, or
 * -1 with the error set. */
int overdue_begin(int status, struct error *error);

/* The thread has to see to the end of a start, too. So it enters the sandbox when it is told to,
 * once that is made. Cannot fail. */
void overdue_enter_sandbox(void);

/* The process ends with this status in OVERDUE_SECONDS if it has not ended by itself; what it does
 * by then, the log is told. Replaces what was said before. Any thread; cannot fail. */
void overdue_expect_end(int status, const char *doing);

#endif
