/* SPDX-License-Identifier: MIT
 * The clock's alarm is an event of ACPI's, too, by which a machine that sleeps wakes up: it is told
 * in PM1, raises the system control interrupt once it is enabled, and stays until it is cleared. */
#include "cmos.h"
#include "nano.h"

#define HOURS_24  0x02u
#define ALARM     0x20u
#define ANY       0xffu
#define EVENT     0x600u
#define ENABLE    0x602u
#define RTC_EVENT 0x0400u

static bool requests(void)
{
    return second_pic_requests(1);
}

static bool is_told(void)
{
    return (in16(EVENT) & RTC_EVENT) != 0;
}

static bool is_told_in_time(void)
{
    for (uint32_t i = 0; i < 2000000; i++) {
        if (is_told())
            return true;
    }
    return false;
}

int guest_main(void)
{
    out8(SECOND_PIC_MASK, 0xfd); /* line 9; the way to the processor stays closed */
    requests();
    CHECK(!is_told());
    set(1, ANY);
    set(3, ANY);
    set(5, ANY);
    get(STATUS_C);
    set(STATUS_B, HOURS_24 | ALARM);
    CHECK(is_told_in_time());
    CHECK(!requests());
    out16(ENABLE, RTC_EVENT);
    CHECK(requests());

    set(STATUS_B, HOURS_24); /* the clock has no more reason */
    get(STATUS_C);
    CHECK(is_told());
    out16(EVENT, RTC_EVENT);
    CHECK(!is_told());
    requests();
    CHECK(!requests());
    set(STATUS_B, HOURS_24 | ALARM);
    CHECK(is_told_in_time());
    CHECK(requests());
    return 0;
}
