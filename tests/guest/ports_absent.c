/* SPDX-License-Identifier: MIT
 * Ports without a device read as ones, in every width: no PCI, no screen. */
#include "nano.h"
#include "ports.h"

int guest_main(void)
{
    static const uint16_t ports[] = {0x2f8, 0x3c0, 0xcf8, 0xcfc, 0x608, 0x504, 0x506, 0x4841};

    nano_out32(0xcf8, 0x80000000);
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        CHECK_EQUAL(in8(ports[i]), 0xff);
        CHECK_EQUAL(in16(ports[i]), 0xffff);
        CHECK_EQUAL(in32(ports[i]), 0xffffffff);
    }
    return 0;
}
