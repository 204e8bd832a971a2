/* SPDX-License-Identifier: MIT
 * The ways to restart by the keyboard controller's line and by port 0x92, which also tells that
 * address line 20 is open and takes it for opened. */
/* vm: --object name=notes,size=4K */
/* console: ^boot 5$ */
#include "ports.h"
#include "reset_releases.h"

int guest_main(void)
{
    struct hf_info at_boot;
    struct notes *notes = reset_notes(&at_boot);

    CHECK(notes != NULL);
    notes->boots++;
    hf_printf("boot %llu\n", (unsigned long long)notes->boots);
    switch (notes->boots) {
    case 1:
        out8(0x64, 0xfe);
        break;
    case 2:
        out8(0x64, 0xf0);
        break;
    case 3:
        out8(0x64, 0xd1);
        out8(0x60, 0xde);
        break;
    case 4:
        CHECK_EQUAL(in8(0x92) & 3, 2);
        out8(0x92, in8(0x92) | 2);
        out8(0x92, in8(0x92) | 1);
        break;
    default:
        out8(0x64, 0xd1);
        out8(0x60, 0xdf);
        out8(0x64, 0xff);
        return 0;
    }
    return 9;
}
