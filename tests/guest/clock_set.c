/* SPDX-License-Identifier: MIT
 * A guest sets its clock as a driver does, held and with the divider reset; the clock goes on from
 * there, over a reset, too. */
/* console: ^after the reset it is 2001$ */
#include "cmos.h"
#include "nano.h"

#define CENTURY 0x32u

int guest_main(void)
{
    static const uint8_t fields[][2] = {{CENTURY, 0x20}, {9, 0x01}, {8, 0x02}, {7, 0x03},
                                        {4, 0x04},       {2, 0x05}, {0, 0x06}};

    if (get(CENTURY) == 0x20 && get(9) == 0x01) {
        CHECK_EQUAL(get(8), 0x02);
        CHECK_EQUAL(get(7), 0x03);
        CHECK_EQUAL(get(4), 0x04);
        CHECK_EQUAL(get(STATUS_B), 0x02);
        hf_printf("after the reset it is 2001\n");
        return 0;
    }
    set(STATUS_B, 0x82);
    set(STATUS_A, 0x76);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        set(fields[i][0], fields[i][1]);
    set(STATUS_B, 0x02);
    set(STATUS_A, 0x26);
    CHECK_EQUAL(get(0), 0x06);
    while (get(0) == 0x06)
        ;
    CHECK_EQUAL(get(0), 0x07);
    CHECK_EQUAL(get(6), 7); /* a Saturday */
    nano_reset();
}
