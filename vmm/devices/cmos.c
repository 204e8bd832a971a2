/* SPDX-License-Identifier: MIT */
#include "cmos.h"

#include <stdbool.h>

enum {
    SECONDS = 0,
    MINUTES = 2,
    HOURS = 4,
    WEEKDAY = 6,
    DAY = 7,
    MONTH = 8,
    YEAR = 9,
    STATUS_A = 10,
    STATUS_B = 11,
    STATUS_C = 12,
    STATUS_D = 13,
    CENTURY = 0x32,
};

#define A_UPDATE_SOON 0x80u
#define A_DIVIDER     0x26u /* 32768 Hz in, 1024 Hz periodic: what every PC has */
#define B_24_HOURS    0x02u
#define B_BINARY      0x04u
#define D_VALID       0x80u

/* A driver that has seen no update coming has at least this long to read the time; the chip gives
 * it a quarter of a millisecond, an emulated one costs more per read. */
#define UPDATE_NS 5000000l

static bool is_time(uint8_t index)
{
    return index <= YEAR || index == CENTURY;
}

void cmos_reset(struct cmos *cmos)
{
    *cmos = (struct cmos){0};
    cmos->bytes[STATUS_B] = B_24_HOURS;
}

void cmos_write(struct cmos *cmos, uint8_t offset, uint8_t value)
{
    if (offset == 0)
        cmos->index = value & 0x7f; /* above it, the mask of the NMI */
    else if (!is_time(cmos->index))
        cmos->bytes[cmos->index] = value;
}

static int time_field(uint8_t index, const struct tm *utc)
{
    switch (index) {
    case SECONDS:
        return utc->tm_sec < 60 ? utc->tm_sec : 59;
    case MINUTES:
        return utc->tm_min;
    case HOURS:
        return utc->tm_hour;
    case WEEKDAY:
        return utc->tm_wday + 1;
    case DAY:
        return utc->tm_mday;
    case MONTH:
        return utc->tm_mon + 1;
    case YEAR:
        return utc->tm_year % 100;
    case CENTURY:
        return (utc->tm_year + 1900) / 100 % 100;
    default: /* the alarm, which never comes */
        return 0;
    }
}

static uint8_t read_time(const struct cmos *cmos, time_t seconds)
{
    struct tm utc;

    if (gmtime_r(&seconds, &utc) == NULL)
        return 0;
    int value = time_field(cmos->index, &utc);
    if ((cmos->bytes[STATUS_B] & B_24_HOURS) == 0 && cmos->index == HOURS) {
        const bool afternoon = value >= 12;
        value = value % 12 == 0 ? 12 : value % 12;
        if ((cmos->bytes[STATUS_B] & B_BINARY) == 0)
            value = value / 10 << 4 | value % 10;
        return (uint8_t)(value | (afternoon ? 0x80 : 0));
    }
    if ((cmos->bytes[STATUS_B] & B_BINARY) == 0)
        value = value / 10 << 4 | value % 10;
    return (uint8_t)value;
}

uint8_t cmos_read(const struct cmos *cmos, uint8_t offset, const struct timespec *now)
{
    if (offset == 0)
        return 0xff; /* the index cannot be read back */
    if (is_time(cmos->index))
        return read_time(cmos, now->tv_sec);
    switch (cmos->index) {
    case STATUS_A:
        return (uint8_t)(A_DIVIDER | (now->tv_nsec > 999999999l - UPDATE_NS ? A_UPDATE_SOON : 0));
    case STATUS_C:
        return 0; /* no interrupt is pending, ever */
    case STATUS_D:
        return D_VALID;
    default:
        return cmos->bytes[cmos->index];
    }
}
