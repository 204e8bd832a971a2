/* SPDX-License-Identifier: MIT
 * The clock raises interrupt 8 when a second begins, at the second of an alarm and at a rate, and
 * once each: not again before the guest has read what it was for. */
#include "cmos.h"
#include "nano.h"

enum { PERIODIC = 0x40, ALARM = 0x20, UPDATE = 0x10, HOURS_24 = 0x02, INTERRUPTS = 0x80 };

static bool requests(void)
{
    return second_pic_requests(0);
}

/* What it was for, when the line has gone up and with the reading down again; 0: it does not. */
static uint8_t wait_for_request(void)
{
    for (uint32_t i = 0; i < 2000000; i++) {
        if (requests())
            return get(STATUS_C);
    }
    return 0;
}

int guest_main(void)
{
    out8(SECOND_PIC_MASK, 0xfe); /* line 8; the way to the processor stays closed */
    CHECK(!requests());
    set(STATUS_B, HOURS_24 | UPDATE);
    CHECK_EQUAL(wait_for_request() & (INTERRUPTS | UPDATE), INTERRUPTS | UPDATE);
    CHECK(!requests());
    CHECK_EQUAL(get(STATUS_C) & INTERRUPTS, 0);
    CHECK_EQUAL(wait_for_request() & (INTERRUPTS | UPDATE), INTERRUPTS | UPDATE);

    set(1, 0xff); /* at every second */
    set(3, 0xff);
    set(5, 0xff);
    set(STATUS_B, HOURS_24);
    get(STATUS_C);
    requests();
    set(STATUS_B, HOURS_24 | ALARM);
    CHECK_EQUAL(wait_for_request() & (INTERRUPTS | ALARM), INTERRUPTS | ALARM);

    set(STATUS_B, HOURS_24);
    set(STATUS_A, 0x2f); /* twice a second */
    get(STATUS_C);
    requests();
    set(STATUS_B, HOURS_24 | PERIODIC);
    CHECK_EQUAL(wait_for_request() & (INTERRUPTS | PERIODIC), INTERRUPTS | PERIODIC);
    set(STATUS_A, 0x23); /* as fast as can be */
    for (unsigned i = 0; i < 100; i++)
        CHECK_EQUAL(wait_for_request() & (INTERRUPTS | PERIODIC), INTERRUPTS | PERIODIC);
    set(STATUS_B, HOURS_24);
    get(STATUS_C);
    requests();
    CHECK(!requests());
    return 0;
}
