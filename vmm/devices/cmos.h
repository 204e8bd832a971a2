/* SPDX-License-Identifier: MIT
 * The clock of a PC and the bytes behind it: an MC146818 that goes with the host's clock, in UTC,
 * at the distance to which the guest has set it. Pure: every call is told the time. */
#ifndef HOLDFAST_DEVICES_CMOS_H
#define HOLDFAST_DEVICES_CMOS_H

#include <stdbool.h>
#include <stdint.h>

#define CMOS_INDEX_PORT 0x70u
#define CMOS_DATA_PORT  0x71u
#define CMOS_IRQ        8u
#define CMOS_BYTES      128u
#define CMOS_CENTURY    0x32u /* as ACPI's FADT says */

/* The most periodic interrupts a second that cmos_next() plans. A guest that asks for more gets
 * these, and finds the flag set whenever it looks. */
#define CMOS_RATE_MOST 2048u

/* Times are nanoseconds of the host's clock since 1970, and may go back. */
struct cmos {
    uint8_t index;
    uint8_t bytes[CMOS_BYTES]; /* of the time only while it is held */
    int64_t ahead;             /* whole seconds between the host's clock and this one */
    int64_t phase;             /* nanoseconds that its seconds begin before the host's */
    int64_t seen;              /* the flags have what happened until then */
    bool held;                 /* the guest has stopped the clock, to set it */
    bool is_set;               /* and has set it */
};

/* offset: 0 for the index, 1 for the data. Cannot fail: what is no time is taken for the one that
 * it would be if fields carried over. */
void cmos_write(struct cmos *cmos, uint8_t offset, uint8_t value, int64_t now);
uint8_t cmos_read(struct cmos *cmos, uint8_t offset, int64_t now);

/* Whether the interrupt line is high. */
bool cmos_interrupts(struct cmos *cmos, int64_t now);

/* Whether the alarm is what it is high for, or one of its reasons. */
bool cmos_alarm_interrupts(const struct cmos *cmos);

/* When cmos_interrupts() is to be asked again; INT64_MAX: not before the next access. */
int64_t cmos_next(const struct cmos *cmos, int64_t now);

/* All but the time, which goes on as the guest has set it. */
void cmos_reset(struct cmos *cmos, int64_t now);

#endif
