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

struct hf_reservation {
    struct hf_reservation *next; /* in its bucket of the registry */
    struct hf_window window;
    size_t bytes;   /* of this structure with all that is behind it */
    uint32_t users; /* entered and not put */

    struct hf_spin_lock lock; /* of all below; held pinned */
    bool released;
    /* One MAP takes HF_LIST_MAX extents. An MDL with more is mapped in several parts, and each
     * part's pages are kept here for the unmap. */
    uint64_t parts;
    uint64_t *part_pages;
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

/* Finds the reservation whose first page contains the address and locks it, which pins the
 * caller; NULL, and nothing is held, if there is none or it was released. */
struct hf_reservation *hf_registry_enter(const void *address, uint64_t *pin);

/* Unlocks and unpins; the reservation stays valid until it is put. */
void hf_registry_leave(struct hf_reservation *reservation, uint64_t pin);
void hf_registry_put(struct hf_reservation *reservation);

/* Removes a reservation that was released by the caller, who has left and not put it, and returns
 * when nobody else uses it. Not to be called pinned. */
void hf_registry_remove(struct hf_reservation *reservation);

#endif
