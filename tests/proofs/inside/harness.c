/* SPDX-License-Identifier: MIT */
/* holds: every first, pages, base and room of 64 bits */
/* options: --unsigned-overflow-check --external-sat-solver cadical */
#include "tests/proofs/proof.h"
#include "vmm/windows/backings.c"

/* inside() says whether all pages lie in the range, for none at all whether the first would. */
void harness(void)
{
    const uint64_t first = nondet_u64();
    const uint64_t pages = nondet_u64();
    const uint64_t base = nondet_u64();
    const uint64_t room = nondet_u64();
    const bool is_inside = inside(first, pages, base, room);
    const unsigned __int128 end = (unsigned __int128)base + room;

    CLAIM(!is_inside || (first >= base && first < end));
    CLAIM(!is_inside || (unsigned __int128)first + pages <= end);
    CLAIM(is_inside || first < base || first >= end || (unsigned __int128)first + pages > end);
    REACHED();
}
