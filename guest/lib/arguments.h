/* SPDX-License-Identifier: MIT
 * One argument page for each CPU, so that a call needs neither memory nor a lock. */
#ifndef HOLDFAST_GUEST_ARGUMENTS_H
#define HOLDFAST_GUEST_ARGUMENTS_H

#include "holdfast/abi.h"

#include <stdbool.h>

struct hf_arguments {
    void *page;
    hf_gpa gpa;
    uint64_t pin;
};

/* Sets the pages aside; false for want of memory. Allocates. */
bool hf_arguments_allocate(void);

/* The page of this CPU, its owner's alone until hf_arguments_unpin(). Cannot fail once
 * hf_arguments_allocate() has succeeded. */
struct hf_arguments hf_arguments_pin(void);
void hf_arguments_unpin(const struct hf_arguments *arguments);

#endif
