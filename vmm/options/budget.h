/* SPDX-License-Identifier: MIT
 * The budgets of a VM as operators write them. */
#ifndef HOLDFAST_OPTIONS_BUDGET_H
#define HOLDFAST_OPTIONS_BUDGET_H

#include "vmm/error.h"

#include <stdint.h>

/* The most that all windows together may hold. */
struct budget {
    uint64_t windows;
    uint64_t extents;
    uint64_t tables; /* page tables of the second level, each for 2 MiB of the arena */
};

/* Reads "windows=N,extents=N,tables=N", one or more of them in any order; what is left out is 0.
 * 0, or -1 with the error set. */
int budget_parse(const char *text, struct budget *budget, struct error *error);

#endif
