/* SPDX-License-Identifier: MIT
 * 0x100: a reserve of zero bytes. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PVOID address = MmAllocateMappingAddress(0, TAG);

    CHECK(address == NULL);
    CHECK(recorded.count == 1 && recorded.code == SYSTEM_PTE_MISUSE);
    CHECK(recorded.parameter[0] == 0x100 && recorded.parameter[1] == 0);
    CHECK(recorded.parameter[2] == TAG);
    address = MmAllocateMappingAddressEx(0, TAG, MM_MAPPING_ADDRESS_DIVISIBLE);
    CHECK(address == NULL);
    CHECK(recorded.count == 2 && recorded.parameter[0] == 0x100);
    return 0;
}
