/* SPDX-License-Identifier: MIT */
/* holds: every extent of an object that a guest names, for 3 objects */
/* options: --unsigned-overflow-check --unwind 4 -DBACKINGS_OBJECTS=3u */
#include "tests/proofs/proof.h"
#include "vmm/windows/backings.c"

#include "tests/proofs/registry.h"

struct hf_extent nondet_extent(void);
struct run nondet_run(void);

/* A guest gets pages of the object that it has named and no others, with no more rights than the
 * object has, or the first status that applies; what is refused changes nothing. */
void harness(void)
{
    const struct backings registry = nondet_backings();
    const struct hf_extent extent = nondet_extent();
    const bool writable = nondet_bool();
    const struct run before = nondet_run();
    struct run run = before;

    assume_ram(&registry);
    assume_objects(&registry);
    ASSUME(extent.object != HF_RAM);
    const uint32_t slot = slot_with_id(&registry, extent.object);
    const struct backing *object = &registry.object[slot];
    const enum hf_status status = backings_resolve(&registry, &extent, writable, &run);
    CLAIM(status == (extent.pages == 0                                       ? HF_EMPTY_LIST
                     : slot == 0                                             ? HF_BAD_PAGE
                     : !inside(extent.first, extent.pages, 0, object->pages) ? HF_BAD_PAGE
                     : writable && !object->writable                         ? HF_READ_ONLY
                                                                             : HF_OK));
    if (status != HF_OK) {
        CLAIM(run.first == before.first && run.pages == before.pages && run.slot == before.slot);
        REACHED();
        return;
    }
    CLAIM(run.first == extent.first && run.pages == extent.pages && run.slot == slot);
    CLAIM(run.first < object->pages && run.pages <= object->pages - run.first);
    REACHED();
}
