/* SPDX-License-Identifier: MIT
 * Any registry of backings there can be, with as many slots for objects as the harness defines. */
#ifndef HOLDFAST_PROOFS_REGISTRY_H
#define HOLDFAST_PROOFS_REGISTRY_H

#include "tests/proofs/proof.h"
#include "vmm/windows/backings.h"

struct backings nondet_backings(void);
struct ram_range nondet_ram_range(void);

/* As backings_init() leaves it. */
static void assume_ram(const struct backings *registry)
{
    const struct ram_range *ram = registry->ram;

    ASSUME(ram[0].gpa_page == 0 && ram[0].first == 0 && ram[0].pages <= BACKING_PAGES_MAX);
    ASSUME(ram[1].gpa_page >= ram[0].pages && ram[1].gpa_page <= BACKING_PAGES_MAX);
    ASSUME(ram[1].first == ram[0].pages && ram[1].pages <= BACKING_PAGES_MAX);
}

/* As backings_attach() and backings_detach() leave it: ids grow, slots differ. */
static void assume_objects(const struct backings *registry)
{
    ASSUME(registry->attached <= BACKINGS_OBJECTS);
    for (uint32_t i = 0; i < BACKINGS_OBJECTS && i < registry->attached; i++) {
        const uint8_t slot = registry->by_id[i];
        ASSUME(slot > 0 && slot <= BACKINGS_OBJECTS);
        ASSUME(registry->object[slot].id >
               (i > 0 ? registry->object[registry->by_id[i - 1]].id : 0));
        ASSUME(registry->object[slot].pages <= BACKING_PAGES_MAX);
    }
}

/* The object with an id, found in another way than the code does; 0 if there is none. */
static uint32_t slot_with_id(const struct backings *registry, uint32_t id)
{
    for (uint32_t i = 0; i < BACKINGS_OBJECTS && i < registry->attached; i++)
        if (registry->object[registry->by_id[i]].id == id)
            return registry->by_id[i];
    return 0;
}

#endif
