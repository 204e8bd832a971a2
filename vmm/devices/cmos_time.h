/* SPDX-License-Identifier: MIT
 * How an MC146818 has the time in its registers: binary or BCD, in 24 or twice 12 hours. */
#ifndef HOLDFAST_DEVICES_CMOS_TIME_H
#define HOLDFAST_DEVICES_CMOS_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define CMOS_TIME_FORMAT   11u /* the register that says how */
#define CMOS_TIME_24_HOURS 0x02u
#define CMOS_TIME_BINARY   0x04u

/* Whether the register is one of the time's, and not of the alarm. */
bool cmos_time_has(uint8_t index);

/* seconds: since 1970. None of them can fail: a year has its last two digits and those of the
 * century, and what is no time when it is decoded carries over, as the 31st of April. */
void cmos_time_encode(int64_t seconds, uint8_t *registers);
int64_t cmos_time_decode(const uint8_t *registers);

/* The first second after this one at which the alarm in the registers comes; INT64_MAX: none. */
int64_t cmos_time_alarm(const uint8_t *registers, int64_t after);

#endif
