/* SPDX-License-Identifier: MIT
 * Keeps the page tables of a window in step with the type in force. */
#ifndef HOLDFAST_GUEST_PAGE_STATE_H
#define HOLDFAST_GUEST_PAGE_STATE_H

#include "holdfast/guest.h"

#include <stdbool.h>

/* How hf_platform_window_add() leaves a window: cached and writable all over. */
uint32_t hf_page_state_fresh(void);

/* Makes these pages of the window what they are to be. Does nothing when the page tables say so
 * already, as they do as long as a window is only ever mapped cached and writable. Not to be
 * called pinned: other CPUs may have to take part. Cannot fail. */
void hf_page_state_set(struct hf_window *window, uint64_t page_offset, uint64_t pages,
                       enum hf_cache cache, bool writable);

#endif
