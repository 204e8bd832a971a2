/* SPDX-License-Identifier: MIT */
/* holds: every DISCARD of a guest, for 3 objects; what inside does is proved by itself */
/* options: --unsigned-overflow-check --unwind 4 -DBACKINGS_OBJECTS=3u */
#include "tests/proofs/proof.h"
#include "vmm/windows/backings.c"

#include "tests/proofs/registry.h"

struct hf_discard nondet_discard(void);

/* Only pages of the object itself are discarded, and only of one that may be written to. */
void harness(void)
{
    const struct backings registry = nondet_backings();
    const struct hf_discard call = nondet_discard();
    uint32_t slot = 0;

    assume_objects(&registry);
    const uint32_t right = slot_with_id(&registry, call.object);
    const struct backing *object = &registry.object[right];
    const enum hf_status status = backings_resolve_discard(&registry, &call, &slot);
    CLAIM(status == (call.pages == 0                                     ? HF_EMPTY_LIST
                     : right == 0                                        ? HF_NO_OBJECT
                     : !inside(call.first, call.pages, 0, object->pages) ? HF_BAD_PAGE
                     : !object->writable                                 ? HF_READ_ONLY
                                                                         : HF_OK));
    CLAIM(status != HF_OK || (slot == right && slot != BACKING_RAM));
    CLAIM(status != HF_OK ||
          (call.first < object->pages && call.pages <= object->pages - call.first));
    REACHED();
}
