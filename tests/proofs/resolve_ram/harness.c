/* SPDX-License-Identifier: MIT */
/* holds: every extent of a guest; RAM up to 4 PiB below a hole and as much above it */
/* options: --unsigned-overflow-check --unwind 3 --external-sat-solver cadical */
#include "tests/proofs/proof.h"
#include "vmm/windows/backings.c"

#include "tests/proofs/registry.h"

struct hf_extent nondet_extent(void);
struct run nondet_run(void);

/* A guest gets pages of its RAM, those that it has named, and nothing else. */
void harness(void)
{
    const struct backings registry = nondet_backings();
    const struct ram_range *low = &registry.ram[0];
    const struct ram_range *high = &registry.ram[1];
    const struct hf_extent extent = nondet_extent();
    const struct run before = nondet_run();
    struct run run = before;

    assume_ram(&registry);
    const bool is_low = inside(extent.first, extent.pages, low->gpa_page, low->pages);
    const bool is_high = inside(extent.first, extent.pages, high->gpa_page, high->pages);
    const enum hf_status status = resolve_ram(&registry, &extent, &run);
    CLAIM(status == (is_low || is_high ? HF_OK : HF_BAD_PAGE));
    CLAIM(!is_low || !is_high);
    if (status != HF_OK) {
        CLAIM(run.first == before.first && run.pages == before.pages && run.slot == before.slot);
        REACHED();
        return;
    }
    CLAIM(run.pages == extent.pages && run.slot == BACKING_RAM);
    CLAIM(run.first == (is_low ? extent.first : high->first + (extent.first - high->gpa_page)));
    CLAIM(run.pages <= low->pages + high->pages &&
          run.first <= low->pages + high->pages - run.pages);
    REACHED();
}
