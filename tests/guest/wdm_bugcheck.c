/* SPDX-License-Identifier: MIT
 * The library's own KeBugCheckEx tells the five numbers and ends the machine. */
/* exit: 218 */
/* console: STOP: 0x000000DA .0x0000000000000102, 0x0000000000001234, 0x0000000074736554, 0x0+.
 * RELEASE_NO_WINDOW */
#include "nano.h"
#include "wdm_buffer.h"

int guest_main(void)
{
    CHECK(MmAllocateMappingAddress(PAGE_SIZE, TAG) != NULL);
    MmFreeMappingAddress((PVOID)0x1234, TAG);
    return 0;
}
