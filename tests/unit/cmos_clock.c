/* SPDX-License-Identifier: MIT
 * The clock of a PC as its data sheet has it: what a guest reads, sets and is interrupted by,
 * whatever the host's clock does meanwhile and whatever a guest writes. */
#include "vmm/devices/cmos.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define MS     INT64_C(1000000)
#define START  (INT64_C(1790000000) * SECOND) /* Monday, 2026-09-21 14:13:20 UTC */

enum { A = 10, B = 11, C = 12, D = 13 };
enum { HOLD = 0x80, PIE = 0x40, AIE = 0x20, UIE = 0x10, BINARY = 4, HOURS_24 = 2 };

static struct cmos cmos;
static int64_t now;

static void power_on(int64_t time)
{
    memset(&cmos, 0, sizeof cmos);
    now = time;
    cmos_reset(&cmos, now);
}

static uint8_t get(uint8_t index)
{
    cmos_write(&cmos, 0, index, now);
    return cmos_read(&cmos, 1, now);
}

static void set(uint8_t index, uint8_t value)
{
    cmos_write(&cmos, 0, index, now);
    cmos_write(&cmos, 1, value, now);
}

static void shows(const char *text)
{
    char found[32];

    /* As BCD, of which each digit is one of the format's. */
    snprintf(found, sizeof found, "%02x%02x-%02x-%02x %02x:%02x:%02x %x", get(CMOS_CENTURY), get(9),
             get(8), get(7), get(4), get(2), get(0), get(6));
    assert_string_equal(found, text);
}

/* As Linux does it: held, and with the divider reset. */
static void set_clock(const uint8_t time[7])
{
    static const uint8_t indices[7] = {CMOS_CENTURY, 9, 8, 7, 4, 2, 0};
    const uint8_t a = get(A) & 0x7f, b = get(B);

    set(B, b | HOLD);
    set(A, a | 0x70);
    for (int i = 0; i < 7; i++)
        set(indices[i], time[i]);
    set(B, b);
    set(A, a);
}

static bool line(void)
{
    return cmos_interrupts(&cmos, now);
}

/* ---- reading ---- */

static void it_shows_the_hosts_time_in_each_format(void **state)
{
    (void)state;
    power_on(START);
    assert_int_equal(get(D), 0x80);
    assert_int_equal(get(B), HOURS_24);
    shows("2026-09-21 14:13:20 2");
    set(B, HOURS_24 | BINARY);
    assert_int_equal(get(CMOS_CENTURY), 20);
    assert_int_equal(get(9), 26);
    assert_int_equal(get(4), 14);
    set(B, BINARY);
    assert_int_equal(get(4), 0x80 | 2);
    set(B, 0);
    assert_int_equal(get(4), 0x82);
    now = START - (14 * 3600 + 13 * 60 + 20) * SECOND; /* midnight */
    assert_int_equal(get(4), 0x12);
    now += 12 * 3600 * SECOND;
    assert_int_equal(get(4), 0x92);
    now -= 3600 * SECOND;
    assert_int_equal(get(4), 0x11);
}

static void an_update_is_told_of_before_it_comes(void **state)
{
    (void)state;
    power_on(START);
    assert_int_equal(get(A), 0x26);
    now = START + SECOND - 6 * MS;
    assert_int_equal(get(A), 0x26);
    now = START + SECOND - MS;
    assert_int_equal(get(A), 0xa6);
    set(B, HOURS_24 | HOLD);
    assert_int_equal(get(A), 0x26);
}

/* ---- setting ---- */

static void it_goes_on_from_what_it_is_set_to(void **state)
{
    (void)state;
    power_on(START + 300 * MS);
    set_clock((const uint8_t[]){0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x58});
    shows("1999-12-31 23:59:58 6");
    now += 499 * MS;
    shows("1999-12-31 23:59:58 6");
    now += 2 * MS; /* half a second after the divider was let go */
    shows("1999-12-31 23:59:59 6");
    now += SECOND;
    shows("2000-01-01 00:00:00 7");
    cmos_reset(&cmos, now);
    shows("2000-01-01 00:00:00 7");
    now += 86400 * SECOND;
    shows("2000-01-02 00:00:00 1");
    now -= 2 * 86400 * SECOND; /* the host's clock is set back, and this one goes with it */
    shows("1999-12-31 00:00:00 6");
}

static void it_can_be_set_without_resetting_the_divider(void **state)
{
    (void)state;
    power_on(START + 300 * MS);
    set(B, HOURS_24 | BINARY | HOLD);
    set(0, 40);
    set(B, HOURS_24 | BINARY);
    now += 600 * MS;
    assert_int_equal(get(0), 40);
    now += 200 * MS;
    assert_int_equal(get(0), 41);
    set(2, 59); /* nor even held */
    assert_int_equal(get(2), 59);
    assert_int_equal(get(0), 41);
    now += 19 * SECOND;
    assert_int_equal(get(2), 0);
    assert_int_equal(get(4), 15);
}

static void a_guest_that_only_holds_it_loses_no_time(void **state)
{
    (void)state;
    power_on(START);
    set(B, HOURS_24 | HOLD);
    now += 10 * SECOND;
    shows("2026-09-21 14:13:20 2");
    set(B, HOURS_24);
    shows("2026-09-21 14:13:30 2");
}

static void what_is_no_time_carries_over(void **state)
{
    (void)state;
    power_on(START);
    set_clock((const uint8_t[]){0x20, 0x25, 0x02, 0x31, 0x23, 0x59, 0x99});
    shows("2025-03-04 00:00:39 3");
}

/* ---- interrupts ---- */

static void an_update_interrupts_each_second(void **state)
{
    (void)state;
    power_on(START + 300 * MS);
    assert_int_equal(cmos_next(&cmos, now), INT64_MAX);
    set(B, HOURS_24 | UIE);
    assert_false(line());
    for (int64_t i = 1; i < 5; i++) {
        assert_int_equal(cmos_next(&cmos, now), START + i * SECOND);
        now = START + i * SECOND - 1;
        assert_false(line());
        now++;
        assert_true(line());
        assert_int_equal(cmos_next(&cmos, now), INT64_MAX); /* until it has been read */
        now += 100 * MS;
        assert_int_equal(get(C), 0xd0); /* and the periodic flag */
        assert_false(line());
        assert_int_equal(get(C), 0);
    }
    set(B, HOURS_24 | UIE | HOLD);
    assert_int_equal(get(B), HOURS_24 | HOLD);
    set(B, HOURS_24);
    now += 10 * SECOND;
    assert_false(line());
    assert_int_equal(get(C), 0x50); /* the flag is there for whoever looks */
}

static void a_flag_that_is_set_interrupts_once_it_is_allowed(void **state)
{
    (void)state;
    power_on(START);
    now += SECOND;
    assert_false(line());
    set(B, HOURS_24 | UIE);
    assert_true(line());
}

static void the_alarm_comes_at_its_second(void **state)
{
    (void)state;
    power_on(START + 300 * MS);
    set(5, 0x14);
    set(3, 0x13);
    set(1, 0x25);
    set(B, HOURS_24 | AIE);
    assert_int_equal(cmos_next(&cmos, now), START + 5 * SECOND);
    now = START + 5 * SECOND - 1;
    assert_false(line());
    assert_false(cmos_alarm_interrupts(&cmos));
    now++;
    assert_true(line());
    assert_true(cmos_alarm_interrupts(&cmos));
    assert_int_equal(get(C), 0xf0);
    assert_false(cmos_alarm_interrupts(&cmos));
    assert_int_equal(cmos_next(&cmos, now), START + (86400 + 5) * SECOND);
    now += 3600 * SECOND;
    assert_false(line());
    now += 200 * 86400 * SECOND; /* the thread was late */
    assert_true(line());
}

static void an_alarm_may_name_any_hour_minute_or_second(void **state)
{
    (void)state;
    power_on(START);
    set(5, 0xff);
    set(3, 0xff);
    set(1, 0xc0);
    set(B, HOURS_24 | AIE);
    assert_int_equal(cmos_next(&cmos, now), START + SECOND);
    set(1, 0x00);
    assert_int_equal(cmos_next(&cmos, now), START + 40 * SECOND);
    set(3, 0x00);
    assert_int_equal(cmos_next(&cmos, now), START + (40 + 46 * 60) * SECOND);
    set(5, 0x14); /* tomorrow */
    assert_int_equal(cmos_next(&cmos, now), START + (86400 - 13 * 60 - 20) * SECOND);
    set(B, AIE);
    assert_int_equal(cmos_next(&cmos, now), INT64_MAX); /* no such hour */
    set(5, 0x82);
    assert_int_equal(cmos_next(&cmos, now), START + (86400 - 13 * 60 - 20) * SECOND);
    set(1, 0x60);
    assert_int_equal(cmos_next(&cmos, now), INT64_MAX);
}

static void the_alarm_follows_the_clock_that_is_set(void **state)
{
    (void)state;
    power_on(START);
    set(5, 0x00);
    set(3, 0x00);
    set(1, 0x00);
    set(B, HOURS_24 | AIE);
    set_clock((const uint8_t[]){0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x58});
    assert_int_equal(cmos_next(&cmos, now), START + SECOND + SECOND / 2);
}

static void the_periodic_interrupt_has_the_rate_of_register_a(void **state)
{
    static const uint32_t hz[] = {0,   256, 128, 8192, 4096, 2048, 1024, 512,
                                  256, 128, 64,  32,   16,   8,    4,    2};

    (void)state;
    for (uint8_t rate = 0; rate < 16; rate++) {
        power_on(START + 12345);
        set(A, 0x20 | rate);
        set(B, HOURS_24 | PIE);
        uint32_t interrupts = 0;
        while (cmos_next(&cmos, now) <= START + SECOND) {
            const int64_t next = cmos_next(&cmos, now);
            assert_true(next > now);
            now = next;
            assert_true(line());
            assert_int_equal(get(C) & 0xc0, 0xc0);
            interrupts++;
        }
        assert_int_equal(interrupts, hz[rate] < CMOS_RATE_MOST ? hz[rate] : CMOS_RATE_MOST);
    }
    power_on(START);
    set(A, 0x66); /* the divider stands */
    set(B, HOURS_24 | PIE);
    assert_int_equal(cmos_next(&cmos, now), INT64_MAX);
}

static void the_flag_has_the_rate_that_was_asked_for(void **state)
{
    unsigned flags = 0;

    (void)state;
    power_on(START);
    set(A, 0x23);
    for (unsigned i = 1; i <= 8192; i++) {
        now = START + (int64_t)i * SECOND / 8192 + 1;
        flags += (get(C) & 0x40) != 0;
    }
    assert_int_equal(flags, 8192);
}

static void the_hosts_clock_may_be_set(void **state)
{
    (void)state;
    power_on(START);
    set(B, HOURS_24 | UIE | PIE);
    now -= 3600 * SECOND;
    assert_false(line());
    assert_true(cmos_next(&cmos, now) <= now + SECOND);
    now += SECOND;
    assert_true(line());
}

static void a_reset_takes_back_all_but_the_time(void **state)
{
    (void)state;
    power_on(START);
    set(0x40, 0x77);
    assert_int_equal(get(0x40), 0x77);
    set(0xc0 | 0x40, 0x78); /* with the mask of the NMI */
    assert_int_equal(get(0x40), 0x78);
    set(A, 0x23);
    set(B, BINARY | UIE | AIE | PIE);
    set(C, 0xff);
    set(D, 0);
    now += 10 * SECOND;
    assert_true(line());
    set(B, BINARY | HOLD);
    cmos_reset(&cmos, now);
    assert_false(line());
    assert_int_equal(get(A), 0x26);
    assert_int_equal(get(B), HOURS_24);
    assert_int_equal(get(C), 0);
    assert_int_equal(get(0x40), 0);
    shows("2026-09-21 14:13:30 2");
}

/* ---- any guest ---- */

static void nothing_that_is_written_breaks_it(void **state)
{
    uint32_t random = 20261127;

    (void)state;
    power_on(START);
    for (unsigned i = 0; i < 300000; i++) {
        random = random * 1664525u + 1013904223u;
        const uint8_t offset = (uint8_t)(random >> 31), value = (uint8_t)(random >> 16);
        /* The registers of the clock more often than others. */
        const uint8_t index = (random >> 8) % 3 == 0 ? value : value % 14;
        if ((random >> 28) % 4 == 0)
            cmos_read(&cmos, offset, now);
        else
            cmos_write(&cmos, offset, offset == 0 ? index : value, now);
        if (i % 1000 == 0)
            now += (int64_t)(random % 1000000) * (i % 3000 == 0 ? -SECOND : SECOND);
        now += random % 1000000;
        const int64_t next = cmos_next(&cmos, now);
        assert_true(next > now);
        cmos_interrupts(&cmos, now);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_shows_the_hosts_time_in_each_format),
        cmocka_unit_test(an_update_is_told_of_before_it_comes),
        cmocka_unit_test(it_goes_on_from_what_it_is_set_to),
        cmocka_unit_test(it_can_be_set_without_resetting_the_divider),
        cmocka_unit_test(a_guest_that_only_holds_it_loses_no_time),
        cmocka_unit_test(what_is_no_time_carries_over),
        cmocka_unit_test(an_update_interrupts_each_second),
        cmocka_unit_test(a_flag_that_is_set_interrupts_once_it_is_allowed),
        cmocka_unit_test(the_alarm_comes_at_its_second),
        cmocka_unit_test(an_alarm_may_name_any_hour_minute_or_second),
        cmocka_unit_test(the_alarm_follows_the_clock_that_is_set),
        cmocka_unit_test(the_periodic_interrupt_has_the_rate_of_register_a),
        cmocka_unit_test(the_flag_has_the_rate_that_was_asked_for),
        cmocka_unit_test(the_hosts_clock_may_be_set),
        cmocka_unit_test(a_reset_takes_back_all_but_the_time),
        cmocka_unit_test(nothing_that_is_written_breaks_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
