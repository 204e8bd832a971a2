/* SPDX-License-Identifier: MIT
 * The checks of MAP and UNMAP behind window and tag, which REMAP has in common with them. */
#ifndef HOLDFAST_WINDOWS_CHECKS_H
#define HOLDFAST_WINDOWS_CHECKS_H

#include "table.h"

/* without: a mapping of the window that counts as unmapped already, or NULL. */
enum hf_status map_check(const struct windows *windows, struct window *window,
                         const struct map_request *request, const struct hf_extent *list,
                         uint32_t count, const struct mapping *without, struct run *runs,
                         struct map_plan *plan);

/* *mapping: the one that goes. */
enum hf_status unmap_check(struct window *window, uint64_t offset, uint64_t pages,
                           const struct mapping **mapping, struct unmap_plan *plan);

#endif
