/* SPDX-License-Identifier: MIT
 * The search for what the guest touches, for the files that know what it touches when. */
#ifndef HOLDFAST_INSTRUCTIONS_SEARCH_H
#define HOLDFAST_INSTRUCTIONS_SEARCH_H

#include "instructions.h"

struct search {
    const struct instruction_context *context;
    struct instruction_accesses *found;
    enum certainty certainty; /* no access is more certain than the search as a whole */
};

/* Adds the pages of [linear, linear + bytes), and the page tables that lead there. */
void search_add(const struct search *search, uint64_t linear, uint64_t bytes, bool write,
                enum certainty certainty);

/* ---- operands.c ---- */

/* Adds what the instruction at rip touches. */
void search_instruction(const struct search *search);

#endif
