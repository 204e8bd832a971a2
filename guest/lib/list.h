/* SPDX-License-Identifier: MIT
 * Where the VMM finds a page list. */
#ifndef HOLDFAST_GUEST_LIST_H
#define HOLDFAST_GUEST_LIST_H

#include "guest/lib/arguments.h"
#include "holdfast/guest.h"

#include <stddef.h>

/* The address of a list that stays where it is. HF_OK, HF_GUEST_LIST_APART or HF_TOO_LARGE. */
int hf_list_find(const struct hf_extent *list, uint32_t count, hf_gpa *gpa);

/* Copies a list of up to HF_LIST_COPIED extents to the argument page, behind a structure of so
 * many bytes, and returns its address. Cannot fail. */
hf_gpa hf_list_copy(const struct hf_arguments *arguments, size_t bytes,
                    const struct hf_extent *list, uint32_t count);

#endif
