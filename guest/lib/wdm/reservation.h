/* SPDX-License-Identifier: MIT
 * What stands behind a mapping address, and how it is found.
 *
 * A reservation is in use from enter to put; the one who frees it waits until nobody else uses
 * it. So a map that races with a free, a driver's mistake, finds the reservation released and not
 * its memory gone. */
#ifndef HOLDFAST_GUEST_WDM_RESERVATION_H
#define HOLDFAST_GUEST_WDM_RESERVATION_H

#include "guest/lib/spin_lock.h"
#include "holdfast/guest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One MAP takes HF_LIST_MAX extents. An MDL with more is mapped in several parts, which are kept
 * for the unmap: the VMM knows of parts only. */
struct hf_part {
    uint64_t offset; /* pages */
    uint64_t pages;
    uint64_t mapping_pages; /* of all parts together, in the first of them; 0 in the others */
};

struct hf_reservation {
    struct hf_reservation *lower; /* in the registry's tree */
    struct hf_reservation *higher;
    struct hf_window window;
    size_t bytes;   /* of this structure with all that is behind it */
    uint32_t users; /* entered and not put */

    struct hf_spin_lock lock; /* of all below; held pinned */
    bool released;
    /* The parts of MDLs that took several, those of one after another. There is room: all but the
     * last part of an MDL have HF_LIST_MAX pages or more, so that at most two parts begin in so
     * many pages. */
    struct hf_part *part;
    uint64_t parts;
    /* Where page lists are made: contiguous, set aside when the reservation was. */
    struct hf_extent *list;
    uint32_t list_room;
    hf_gpa list_gpa;
};

/* The tag to call the VMM with: the owner's if it is the same tag in Windows, which keeps tags in
 * page-table entries that are not valid, and so without bit 0. The VMM compares all bits. */
static inline uint32_t hf_reservation_tag(const struct hf_reservation *reservation, uint32_t tag)
{
    return (tag ^ reservation->window.tag) == 1 ? reservation->window.tag : tag;
}

/* Everything a reservation of this window needs, or NULL for want of memory. Allocates. */
struct hf_reservation *hf_reservation_create(const struct hf_window *window);
void hf_reservation_destroy(struct hf_reservation *reservation);

void hf_registry_add(struct hf_reservation *reservation);

/* Finds the reservation that the address lies in and locks it, which pins the caller; NULL, and
 * nothing is held, if there is none or it was released. O(log n). */
struct hf_reservation *hf_registry_enter(const void *address, uint64_t *pin);

/* The page of the reservation that an address in it lies in. */
static inline uint64_t hf_reservation_page(const struct hf_reservation *reservation,
                                           const void *address)
{
    return ((uintptr_t)address >> HF_PAGE_SHIFT) -
           ((uintptr_t)reservation->window.address >> HF_PAGE_SHIFT);
}

/* Unlocks and unpins; the reservation stays valid until it is put. */
void hf_registry_leave(struct hf_reservation *reservation, uint64_t pin);
void hf_registry_put(struct hf_reservation *reservation);

/* Removes a reservation that was released by the caller, who has left and not put it, and returns
 * when nobody else uses it. Not to be called pinned. */
void hf_registry_remove(struct hf_reservation *reservation);

#endif
