/* SPDX-License-Identifier: MIT
 * The CMOS clock shows the host's time in UTC, as BCD and in binary, until the guest sets it; the
 * bytes behind it keep what is written. */
/* vm: --append "$(date -u +%s)" */
#include "nano.h"
#include "ports.h"

#define INDEX    0x70u
#define DATA     0x71u
#define STATUS_A 10u
#define STATUS_B 11u
#define STATUS_D 13u
#define UPDATING 0x80u
#define BINARY   0x04u
#define A_DAY    86400ull

static uint8_t cmos(uint8_t index)
{
    out8(INDEX, index);
    return in8(DATA);
}

static uint64_t field(uint8_t index, bool binary)
{
    const uint8_t value = cmos(index);

    return binary ? value : (uint64_t)(value >> 4) * 10 + (value & 0x0f);
}

/* Seconds since 1970, of a year from 2000 on. */
static uint64_t seconds(bool binary)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

    while ((cmos(STATUS_A) & UPDATING) != 0)
        ;
    const uint64_t second = field(0, binary), minute = field(2, binary), hour = field(4, binary);
    const uint64_t day = field(7, binary), month = field(8, binary), year = field(9, binary);
    if (month < 1 || month > 12)
        return 0;
    const bool leap = year % 4 == 0;
    uint64_t days = 10957 + year * 365 + (year + 3) / 4 + before[month - 1] + day - 1;
    if (leap && month > 2)
        days++;
    return days * A_DAY + hour * 3600 + minute * 60 + second;
}

static uint64_t number(const char *text)
{
    uint64_t value = 0;

    while (*text >= '0' && *text <= '9')
        value = value * 10 + (uint64_t)(*text++ - '0');
    return value;
}

int guest_main(void)
{
    const uint64_t started = number(nano_command_line());

    CHECK(started > 0);
    CHECK_EQUAL(cmos(STATUS_D), 0x80);
    CHECK_EQUAL(cmos(STATUS_B), 0x02);
    hf_printf("clock %llu, started %llu\n", (unsigned long long)seconds(false),
              (unsigned long long)started);
    CHECK(seconds(false) >= started && seconds(false) < started + A_DAY);
    out8(INDEX, STATUS_B);
    out8(DATA, 0x02 | BINARY);
    CHECK(seconds(true) >= started && seconds(true) < started + A_DAY);

    out8(INDEX, 9);
    out8(DATA, 99);
    CHECK_EQUAL(cmos(9), 99);
    CHECK(seconds(true) > started + 70 * 365 * A_DAY);
    out8(INDEX, 0x80 | 0x40); /* with the mask of the NMI */
    out8(DATA, 0xa5);
    CHECK_EQUAL(cmos(0x40), 0xa5);
    return 0;
}
