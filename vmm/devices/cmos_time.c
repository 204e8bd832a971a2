/* SPDX-License-Identifier: MIT */
#include "cmos_time.h"

#include "cmos.h"

#include <time.h>

enum {
    SECONDS = 0,
    SECONDS_ALARM = 1,
    MINUTES = 2,
    MINUTES_ALARM = 3,
    HOURS = 4,
    HOURS_ALARM = 5,
    WEEKDAY = 6,
    DAY = 7,
    MONTH = 8,
    YEAR = 9,
};

#define AFTERNOON   0x80u
#define ANY         0xc0u /* in the alarm: at every second, minute, hour */
#define DAY_SECONDS 86400
#define DAY_MINUTES 1440
#define MINUTE      60

bool cmos_time_has(uint8_t index)
{
    return index == SECONDS || index == MINUTES || index == HOURS ||
           (index >= WEEKDAY && index <= YEAR) || index == CMOS_CENTURY;
}

static uint8_t encode(int value, uint8_t format)
{
    return (uint8_t)((format & CMOS_TIME_BINARY) != 0 ? value : value / 10 << 4 | value % 10);
}

static int decode(uint8_t value, uint8_t format)
{
    return (format & CMOS_TIME_BINARY) != 0 ? value : (value >> 4) * 10 + (value & 0x0f);
}

static uint8_t encode_hour(int hour, uint8_t format)
{
    if ((format & CMOS_TIME_24_HOURS) != 0)
        return encode(hour, format);
    return encode(hour % 12 == 0 ? 12 : hour % 12, format) | (hour < 12 ? 0 : AFTERNOON);
}

static int decode_hour(uint8_t value, uint8_t format)
{
    if ((format & CMOS_TIME_24_HOURS) != 0)
        return decode(value, format);
    return decode(value & (uint8_t)~AFTERNOON, format) % 12 + ((value & AFTERNOON) != 0 ? 12 : 0);
}

void cmos_time_encode(int64_t seconds, uint8_t *registers)
{
    const uint8_t format = registers[CMOS_TIME_FORMAT];
    const time_t time = (time_t)seconds;
    struct tm utc = {.tm_mday = 1};

    gmtime_r(&time, &utc); /* fails only beyond the years that the registers can have */
    const int year = (utc.tm_year % 10000 + 1900 + 10000) % 10000;
    registers[SECONDS] = encode(utc.tm_sec, format);
    registers[MINUTES] = encode(utc.tm_min, format);
    registers[HOURS] = encode_hour(utc.tm_hour, format);
    registers[WEEKDAY] = encode(utc.tm_wday + 1, format);
    registers[DAY] = encode(utc.tm_mday, format);
    registers[MONTH] = encode(utc.tm_mon + 1, format);
    registers[YEAR] = encode(year % 100, format);
    registers[CMOS_CENTURY] = encode(year / 100, format);
}

int64_t cmos_time_decode(const uint8_t *registers)
{
    const uint8_t format = registers[CMOS_TIME_FORMAT];
    const int year =
        decode(registers[CMOS_CENTURY], format) * 100 + decode(registers[YEAR], format);
    struct tm utc = {
        .tm_sec = decode(registers[SECONDS], format),
        .tm_min = decode(registers[MINUTES], format),
        .tm_hour = decode_hour(registers[HOURS], format),
        .tm_mday = decode(registers[DAY], format),
        .tm_mon = decode(registers[MONTH], format) - 1,
        .tm_year = year - 1900,
    };

    return timegm(&utc);
}

static bool matches(uint8_t alarm, uint8_t value)
{
    return alarm >= ANY || alarm == value;
}

/* The first second of a minute, from this one on, at which the alarm comes, or MINUTE. */
static int alarm_second(const uint8_t *registers, int from)
{
    while (from < MINUTE &&
           !matches(registers[SECONDS_ALARM], encode(from, registers[CMOS_TIME_FORMAT])))
        from++;
    return from;
}

static bool alarm_minute(const uint8_t *registers, int minute_of_day)
{
    const uint8_t format = registers[CMOS_TIME_FORMAT];

    return matches(registers[MINUTES_ALARM], encode(minute_of_day % 60, format)) &&
           matches(registers[HOURS_ALARM], encode_hour(minute_of_day / 60, format));
}

int64_t cmos_time_alarm(const uint8_t *registers, int64_t after)
{
    const int of_day = (int)((after % DAY_SECONDS + DAY_SECONDS + 1) % DAY_SECONDS);
    const int first = of_day / MINUTE;
    const int64_t day = after + 1 - of_day;

    for (int minute = first; minute <= first + DAY_MINUTES; minute++) {
        if (!alarm_minute(registers, minute % DAY_MINUTES))
            continue;
        const int second = alarm_second(registers, minute == first ? of_day % MINUTE : 0);
        if (second < MINUTE)
            return day + (int64_t)minute * MINUTE + second;
        if (minute != first)
            break; /* it names no second */
    }
    return INT64_MAX;
}
