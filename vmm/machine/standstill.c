/* SPDX-License-Identifier: MIT */
#include "standstill.h"

/* An instruction that is refused sooner is the one that was refused before, or close behind it. */
#define NO_PROGRESS_MS 20

void standstill_left(struct standstill *standstill, enum standstill_exit how, int64_t now)
{
    if (how != STANDSTILL_REFUSED || now - standstill->entered > NO_PROGRESS_MS)
        standstill->ran_at = now;
    if (how == STANDSTILL_INTERRUPTED)
        standstill->interrupted = true;
}

bool standstill_ends(struct standstill *standstill, int64_t now)
{
    const bool ends = standstill->interrupted || now - standstill->ran_at >= STANDSTILL_MS;

    standstill->interrupted = false;
    standstill->entered = now;
    if (ends)
        standstill->ran_at = now;
    return ends;
}
