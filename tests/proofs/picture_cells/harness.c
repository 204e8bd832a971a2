/* SPDX-License-Identifier: MIT */
/* holds: every arena of up to 15 pages, up to 3 cells, any range of pages in it */
/* options: --unwind 5 */
#include "tests/proofs/proof.h"
#include "vmm/arena/picture.c"

#define CELLS 3u

struct range nondet_range(void);

/* The cells are the arena, one beside the other, and each page of a range is counted once, in the
 * cell where it lies. */
void harness(void)
{
    const uint64_t total = nondet_u8();
    const uint32_t count = nondet_u8();
    const struct range range = nondet_range();
    struct arena_cell cells[CELLS] = {0};
    uint64_t painted = 0;

    ASSUME(total > 0 && total < 16 && count > 0 && count <= CELLS);
    ASSUME(range.from < total && range.pages > 0 && range.pages <= total - range.from);
    CLAIM(cell_start(total, 0, count) == 0 && cell_start(total, count, count) == total);
    paint(cells, count, total, &range);
    for (uint32_t cell = 0; cell < count; cell++) {
        const uint64_t start = cell_start(total, cell, count);
        const uint64_t stop = cell_start(total, cell + 1, count);
        const uint64_t first = range.from > start ? range.from : start;
        const uint64_t end = range.from + range.pages < stop ? range.from + range.pages : stop;
        const uint64_t here = range.mapped ? cells[cell].mapped : cells[cell].reserved;
        CLAIM(start <= stop);
        CLAIM(here == (first < end ? end - first : 0));
        CLAIM((range.mapped ? cells[cell].reserved : cells[cell].mapped) == 0);
        painted += here;
    }
    CLAIM(painted == range.pages);
    REACHED();
}
