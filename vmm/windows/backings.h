/* SPDX-License-Identifier: MIT
 * What may stand behind a window page: the guest's RAM and the attached objects, by number and
 * size only. Pure: no descriptor, no mapping. The memory room holds the host side under the same
 * slot numbers. */
#ifndef HOLDFAST_WINDOWS_BACKINGS_H
#define HOLDFAST_WINDOWS_BACKINGS_H

#include "holdfast/abi.h"

#include <stdbool.h>
#include <stdint.h>

#ifndef BACKINGS_OBJECTS      /* proofs have fewer */
#define BACKINGS_OBJECTS 255u /* objects attached at once */
#endif
#define BACKING_RAM 0u /* slot of the RAM; objects have 1 to BACKINGS_OBJECTS */

#define BACKING_PAGES_MAX ((uint64_t)1 << 40) /* in one backing: 4 PiB */
#define BACKINGS_ID_LAST  0xffffffffu

/* One piece of RAM as the guest sees it: gpa_page is its first guest-physical page, first the
 * page of the RAM's memory object that stands behind it. Both pieces are filled from 0. */
struct ram_range {
    uint64_t gpa_page;
    uint64_t pages;
    uint64_t first;
};

struct backing {
    uint32_t id; /* what the guest says in hf_extent.object; 0: slot is free */
    bool writable;
    uint64_t bytes;
    uint64_t pages;   /* bytes, rounded up */
    uint64_t extents; /* live extents over all windows; counted until the slot is free */
    uint32_t pins;    /* calls that use the host side without a lock; they keep the slot taken */
    char name[HF_OBJECT_NAME_MAX];
};

struct backings {
    struct ram_range ram[2];
    struct backing object[BACKINGS_OBJECTS + 1]; /* [0] stands for RAM and is never looked up */
    uint8_t by_id[BACKINGS_OBJECTS];             /* the slots in use, in order of id */
    uint32_t attached;
    uint32_t next_id; /* ids grow and are not used twice; 0 after BACKINGS_ID_LAST */
};

/* A run of pages of one backing: what an hf_extent is after it was checked. */
struct run {
    uint64_t first; /* page in the backing's memory object */
    uint32_t pages; /* at least 1 */
    uint32_t slot;
};

/* An empty registry over RAM of the given size in pages, split at the PCI hole: below_hole pages
 * from guest-physical 0, the rest from guest-physical page above_hole_page. Cannot fail. */
void backings_init(struct backings *backings, uint64_t ram_pages, uint64_t below_hole,
                   uint64_t above_hole_page);

/* Enters an object and returns its slot, or 0 if all slots or ids are used up or the object has
 * more than BACKING_PAGES_MAX pages. The name is unique and fits: the caller has checked. */
uint32_t backings_attach(struct backings *backings, const char *name, uint64_t bytes,
                         bool writable);

/* Takes an object out of the registry: nothing finds it any more. Its slot is free once no call has
 * it pinned. Returns whether it is, so that the host side can go. Whoever detaches it while live
 * extents refer to it keeps it pinned until none does. Cannot fail. */
bool backings_detach(struct backings *backings, uint32_t slot);

/* Keeps a slot taken, and with it the host side, for a call that is to use it without a lock.
 * backings_unpin() returns whether the object was detached meanwhile and this was the last call:
 * then the host side goes. Neither can fail. */
void backings_pin(struct backings *backings, uint32_t slot);
bool backings_unpin(struct backings *backings, uint32_t slot);

/* The slot of the object with this name (NUL-terminated) or this id; 0 if there is none. */
uint32_t backings_by_name(const struct backings *backings, const char *name);
uint32_t backings_by_id(const struct backings *backings, uint32_t id);

/* Checks one extent from a guest and translates it: HF_OK, or the first that applies of
 * HF_EMPTY_LIST, HF_BAD_PAGE and (when writable is asked for) HF_READ_ONLY. An extent of RAM lies
 * in one piece. */
enum hf_status backings_resolve(const struct backings *backings, const struct hf_extent *extent,
                                bool writable, struct run *run);

/* Checks which pages a guest would discard and finds their object: HF_OK, or the first that
 * applies of HF_EMPTY_LIST, HF_NO_OBJECT, HF_BAD_PAGE and HF_READ_ONLY. */
enum hf_status backings_resolve_discard(const struct backings *backings,
                                        const struct hf_discard *call, uint32_t *slot);

#endif
