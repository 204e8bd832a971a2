/* SPDX-License-Identifier: MIT
 * The part of a filter that compares ranges of addresses: libseccomp cannot compare one argument
 * twice, as a range needs, nor add two of them. */
#ifndef HOLDFAST_SANDBOX_BOUNDS_H
#define HOLDFAST_SANDBOX_BOUNDS_H

#include "vmm/memory/places.h"
#include "vmm/sandbox/sandbox.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#define BOUNDS_MOST 2048u

struct bounds {
    struct sock_filter code[BOUNDS_MOST];
    unsigned short length;
    bool is_too_long;
};

/* Writes the beginning of a program. It decides the calls that a rule of the thread allows
 * somewhere only: these it allows where one of the call's rules does, and else answers with
 * forbidden, a SECCOMP_RET_.... For all others, what follows is asked. false: it became too long.
 * Allocates nothing. */
bool bounds_write(struct bounds *bounds, enum sandbox_thread thread,
                  const struct memory_places *places, uint32_t forbidden);

#endif
