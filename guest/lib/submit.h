/* SPDX-License-Identifier: MIT
 * From a call's structure to the VMM and back. Neither allocates nor blocks. */
#ifndef HOLDFAST_GUEST_SUBMIT_H
#define HOLDFAST_GUEST_SUBMIT_H

#include "holdfast/abi.h"

#include <stddef.h>

/* Copies the structure to this CPU's argument page, calls, and copies it back with what the VMM
 * wrote. The call's status, HF_GUEST_NOT_READY or HF_GUEST_REFUSED. */
int hf_submit(enum hf_call call, void *structure, size_t bytes);

/* The same for MAP and REMAP: map is, or begins, a structure of so many bytes, and list is where
 * the kernel has its map->extents extents. Sets map->list. Also HF_GUEST_LIST_APART. */
int hf_submit_list(enum hf_call call, struct hf_map *map, size_t bytes,
                   const struct hf_extent *list);

#endif
