/* SPDX-License-Identifier: MIT
 * Resource limits under which a program begins. */
#ifndef HOLDFAST_PROCESS_LIMITS_H
#define HOLDFAST_PROCESS_LIMITS_H

#include "vmm/error.h"

#include <stdbool.h>

/* To be called first. A write beyond the limit on file sizes is an error from then on, not a
 * signal, and the stack may grow as far as the program needs. 0, or -1 with the error set: the
 * limit on stacks is too low and may not be raised. */
int process_limits_prepare(struct error *error);

/* Has the process open so many files, if need be by raising its soft limit. 0, or -1 with the error
 * set: the hard limit is lower. */
int process_limits_files(unsigned needed, struct error *error);

/* Has the process lock as much memory as it likes from now on, without a capability. false: it may
 * not change the limit, which stays. */
bool process_limits_lift_lock(void);

#endif
