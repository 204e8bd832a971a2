/* SPDX-License-Identifier: MIT
 * How much of what the guarantee rests on is set aside at start. */
#ifndef HOLDFAST_MEMORY_GUARANTEE_H
#define HOLDFAST_MEMORY_GUARANTEE_H

#include "vmm/error.h"

#include <stdbool.h>
#include <stdint.h>

enum guarantee {
    GUARANTEE_OFF,         /* nothing: memory is taken when it is touched */
    GUARANTEE_BEST_EFFORT, /* whatever this host allows */
    GUARANTEE_STRICT,      /* all of it, or the VM does not start */
};

/* "off", "best-effort", "strict". */
const char *guarantee_name(enum guarantee guarantee);

/* 0, or -1 with the error set: not one of the three. */
int guarantee_parse(const char *text, enum guarantee *guarantee, struct error *error);

/* Keeps the VMM itself in memory and out of the OOM killer's sight, as far as the host allows.
 * To be called before RAM and arena are made: what comes later is locked piece by piece. 0, or
 * -1 with the error set where it is strict and the host does not allow it. */
struct guarantee_of_process {
    bool program_locked; /* code, data and libraries */
    bool oom_protected;  /* oom_score_adj is -1000 */
};
int guarantee_protect_process(enum guarantee guarantee, struct guarantee_of_process *result,
                              struct error *error);

#endif
