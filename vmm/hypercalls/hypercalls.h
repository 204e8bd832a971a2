/* SPDX-License-Identifier: MIT
 * Hypercalls: from the registers of a vCPU to the arena and back. Decoding only: the argument
 * page is copied in once, handed on as a copy, and written back where the call succeeded.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_HYPERCALLS_HYPERCALLS_H
#define HOLDFAST_HYPERCALLS_HYPERCALLS_H

#include "holdfast/abi.h"

#include <stdint.h>

struct arena;
struct arena_caller;
struct memory;

struct hypercalls {
    struct arena *arena;
    struct memory *memory;
    uint32_t transports; /* HF_FEATURE_PIO and so on */
};

/* Performs one call for a vCPU, on its thread, and returns the status for the guest. All
 * arguments are the guest's; none of them can do harm. */
enum hf_status hypercalls_perform(const struct hypercalls *hypercalls,
                                  const struct arena_caller *vcpu, uint64_t call,
                                  uint64_t argument_gpa, uint8_t cpl);

#endif
