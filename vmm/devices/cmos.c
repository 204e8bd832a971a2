/* SPDX-License-Identifier: MIT */
#include "cmos.h"

#include "cmos_time.h"

enum { STATUS_A = 10, STATUS_B = 11, STATUS_C = 12, STATUS_D = 13 };

#define A_UPDATE_SOON 0x80u
#define A_DIVIDER     0x70u
#define A_DIVIDER_RUNS                                                                             \
    0x20u /* for a crystal of 32768 Hz, as every PC has it; above it, a reset                      \
           */
#define A_RATE         0x0fu
#define A_AT_POWER_ON  0x26u /* 1024 Hz */
#define B_HOLD         0x80u
#define EVENT_PERIODIC 0x40u /* in B whether it interrupts, in C that it has happened */
#define EVENT_ALARM    0x20u
#define EVENT_UPDATE   0x10u
#define EVENTS         (EVENT_PERIODIC | EVENT_ALARM | EVENT_UPDATE)
#define C_INTERRUPTS   0x80u
#define D_VALID        0x80u

#define CRYSTAL_HZ 32768u
#define SECOND     INT64_C(1000000000)

/* A driver that has seen no update coming has at least this long to read the time; the chip gives
 * it a quarter of a millisecond, an emulated one costs more per read. */
#define UPDATE_NS INT64_C(5000000)

static int64_t floor_seconds(int64_t time)
{
    return time / SECOND - (time % SECOND < 0);
}

/* The seconds that this clock has begun, by a count of its own. */
static int64_t beat(const struct cmos *cmos, int64_t now)
{
    return floor_seconds(now + cmos->phase);
}

static int64_t since_beat(const struct cmos *cmos, int64_t now)
{
    return now + cmos->phase - beat(cmos, now) * SECOND;
}

static int64_t guest_seconds(const struct cmos *cmos, int64_t now)
{
    return beat(cmos, now) + cmos->ahead;
}

/* ---- events ---- */

static uint32_t periodic_hz(const struct cmos *cmos)
{
    const uint32_t rate = cmos->bytes[STATUS_A] & A_RATE;

    if (rate == 0 || (cmos->bytes[STATUS_A] & A_DIVIDER) > A_DIVIDER_RUNS)
        return 0;
    return CRYSTAL_HZ >> (rate < 3 ? rate + 6 : rate - 1);
}

static int64_t periods(const struct cmos *cmos, uint32_t hz, int64_t now)
{
    return beat(cmos, now) * hz + since_beat(cmos, now) * hz / SECOND;
}

/* The first beat after this one at which the alarm comes, or INT64_MAX. */
static int64_t next_alarm(const struct cmos *cmos, int64_t after)
{
    const int64_t seconds = cmos_time_alarm(cmos->bytes, after + cmos->ahead);

    return seconds == INT64_MAX ? seconds : seconds - cmos->ahead;
}

/* Brings the flags up to now. */
static void see(struct cmos *cmos, int64_t now)
{
    const int64_t from = beat(cmos, cmos->seen), to = beat(cmos, now);
    const uint32_t hz = periodic_hz(cmos);
    uint8_t *events = &cmos->bytes[STATUS_C];

    if (now > cmos->seen) {
        if (hz != 0 && periods(cmos, hz, now) > periods(cmos, hz, cmos->seen))
            *events |= EVENT_PERIODIC;
        if (!cmos->held && to > from) {
            *events |= EVENT_UPDATE;
            if (next_alarm(cmos, from) <= to)
                *events |= EVENT_ALARM;
        }
    }
    cmos->seen = now;
}

static bool is_high(const struct cmos *cmos)
{
    return (cmos->bytes[STATUS_B] & cmos->bytes[STATUS_C] & EVENTS) != 0;
}

bool cmos_interrupts(struct cmos *cmos, int64_t now)
{
    see(cmos, now);
    return is_high(cmos);
}

bool cmos_alarm_interrupts(const struct cmos *cmos)
{
    return (cmos->bytes[STATUS_B] & cmos->bytes[STATUS_C] & EVENT_ALARM) != 0;
}

static int64_t beat_begins(const struct cmos *cmos, int64_t number)
{
    return number * SECOND - cmos->phase;
}

static int64_t next_period(const struct cmos *cmos, int64_t now)
{
    const uint32_t asked = periodic_hz(cmos);
    const uint32_t hz = asked < CMOS_RATE_MOST ? asked : CMOS_RATE_MOST;

    if (hz == 0)
        return INT64_MAX;
    const int64_t number = since_beat(cmos, now) * hz / SECOND + 1;
    return beat_begins(cmos, beat(cmos, now)) + (number * SECOND + hz - 1) / hz;
}

int64_t cmos_next(const struct cmos *cmos, int64_t now)
{
    const uint8_t wanted = cmos->bytes[STATUS_B];
    int64_t next = INT64_MAX;

    if (is_high(cmos))
        return INT64_MAX; /* until the guest has read what happened */
    if ((wanted & EVENT_PERIODIC) != 0)
        next = next_period(cmos, now);
    if (cmos->held)
        return next;
    if ((wanted & EVENT_UPDATE) != 0 && beat_begins(cmos, beat(cmos, now) + 1) < next)
        next = beat_begins(cmos, beat(cmos, now) + 1);
    if ((wanted & EVENT_ALARM) != 0) {
        const int64_t alarm = next_alarm(cmos, beat(cmos, now));
        if (alarm != INT64_MAX && beat_begins(cmos, alarm) < next)
            next = beat_begins(cmos, alarm);
    }
    return next;
}

/* ---- the time ---- */

static void set_time(struct cmos *cmos, int64_t now)
{
    cmos->ahead = cmos_time_decode(cmos->bytes) - beat(cmos, now);
}

/* The clock stands while the guest holds it or its divider, or goes on. */
static void hold_or_go_on(struct cmos *cmos, uint8_t divider_before, int64_t now)
{
    const bool divider_held = (cmos->bytes[STATUS_A] & A_DIVIDER) > A_DIVIDER_RUNS;
    const bool held = divider_held || (cmos->bytes[STATUS_B] & B_HOLD) != 0;

    if (divider_held)
        cmos->is_set = true;
    if (!divider_held &&
        divider_before > A_DIVIDER_RUNS) /* then the next second is half one away */
        cmos->phase = (SECOND + SECOND / 2 - (now - floor_seconds(now) * SECOND)) % SECOND;
    if (cmos->held && !held && cmos->is_set)
        set_time(cmos, now);
    if (held && !cmos->held)
        cmos->is_set = divider_held;
    cmos->held = held;
}

static void write_time(struct cmos *cmos, uint8_t value, int64_t now)
{
    if (!cmos->held)
        cmos_time_encode(guest_seconds(cmos, now), cmos->bytes);
    cmos->bytes[cmos->index] = value;
    cmos->is_set = true;
    if (!cmos->held)
        set_time(cmos, now);
}

static void write_status(struct cmos *cmos, uint8_t value, int64_t now)
{
    const uint8_t divider_before = cmos->bytes[STATUS_A] & A_DIVIDER;
    const int64_t seconds = guest_seconds(cmos, now);
    const bool was_held = cmos->held;

    if (cmos->index == STATUS_A)
        cmos->bytes[STATUS_A] = value & (uint8_t)~A_UPDATE_SOON;
    else /* the chip ends update interrupts when it is held */
        cmos->bytes[STATUS_B] = (value & B_HOLD) != 0 ? value & (uint8_t)~EVENT_UPDATE : value;
    hold_or_go_on(cmos, divider_before, now);
    if (cmos->held && !was_held)
        cmos_time_encode(seconds, cmos->bytes);
}

void cmos_write(struct cmos *cmos, uint8_t offset, uint8_t value, int64_t now)
{
    see(cmos, now);
    if (offset == 0)
        cmos->index = value % CMOS_BYTES; /* above it, the mask of the NMI */
    else if (cmos_time_has(cmos->index))
        write_time(cmos, value, now);
    else if (cmos->index == STATUS_A || cmos->index == STATUS_B)
        write_status(cmos, value, now);
    else if (cmos->index != STATUS_C && cmos->index != STATUS_D)
        cmos->bytes[cmos->index] = value;
}

static uint8_t take_events(struct cmos *cmos)
{
    const uint8_t events = cmos->bytes[STATUS_C];
    const uint8_t line = is_high(cmos) ? C_INTERRUPTS : 0;

    cmos->bytes[STATUS_C] = 0;
    return events | line;
}

uint8_t cmos_read(struct cmos *cmos, uint8_t offset, int64_t now)
{
    const bool soon = !cmos->held && since_beat(cmos, now) >= SECOND - UPDATE_NS;

    if (offset == 0)
        return 0xff; /* the index cannot be read back */
    see(cmos, now);
    switch (cmos->index) {
    case STATUS_A:
        return (uint8_t)(cmos->bytes[STATUS_A] | (soon ? A_UPDATE_SOON : 0));
    case STATUS_C:
        return take_events(cmos);
    case STATUS_D:
        return D_VALID;
    default:
        if (cmos_time_has(cmos->index) && !cmos->held)
            cmos_time_encode(guest_seconds(cmos, now), cmos->bytes);
        return cmos->bytes[cmos->index];
    }
}

void cmos_reset(struct cmos *cmos, int64_t now)
{
    *cmos = (struct cmos){.ahead = cmos->ahead, .phase = cmos->phase, .seen = now};
    cmos->bytes[STATUS_A] = A_AT_POWER_ON;
    cmos->bytes[STATUS_B] = CMOS_TIME_24_HOURS;
}
