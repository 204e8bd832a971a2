/* SPDX-License-Identifier: MIT
 * The clock of a PC and the bytes behind it: an MC146818 that shows the host's time in UTC. */
#ifndef HOLDFAST_DEVICES_CMOS_H
#define HOLDFAST_DEVICES_CMOS_H

#include <stdint.h>
#include <time.h>

#define CMOS_INDEX_PORT 0x70u
#define CMOS_DATA_PORT  0x71u

struct cmos {
    uint8_t index;
    uint8_t bytes[128]; /* those of the clock itself stay unused */
};

/* offset: 0 for the index, 1 for the data. Setting the clock has no effect. Cannot fail. */
void cmos_write(struct cmos *cmos, uint8_t offset, uint8_t value);
uint8_t cmos_read(const struct cmos *cmos, uint8_t offset, const struct timespec *now);
void cmos_reset(struct cmos *cmos);

#endif
