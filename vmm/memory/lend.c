/* SPDX-License-Identifier: MIT
 * What may be lent outside a call. Ballast is for what windows were promised and for nothing else:
 * whoever touches a page that no window has set aside waits for the host, alone. */
#include "layout.h"
#include "vmm/memory/rescue.h"

/* Where KVM makes tables ahead, those of windows exist and take nothing at an access. */
static bool lend_for_guest_tables(struct memory *memory)
{
    const bool for_ram =
        memory->ram_tables.ballast.memory != NULL && ballast_lend(&memory->ram_tables.ballast);

    return (!memory->can_prefault && ballast_lend(&memory->ballast)) || for_ram;
}

bool memory_lend(struct memory *memory, enum memory_shortage shortage)
{
    switch (shortage) {
    case SHORT_OF_HOST_TABLES:
        return ballast_lend(&memory->ballast);
    case SHORT_OF_GUEST_TABLES:
        return lend_for_guest_tables(memory);
    case SHORT_OF_PAGES:
        break;
    }
    return false;
}

uint64_t memory_pause(uint32_t attempt)
{
    return rescue_pause(attempt);
}
