/* SPDX-License-Identifier: MIT
 * The guest's clock, its interrupt line and its alarm. */
#ifndef HOLDFAST_MACHINE_CLOCK_H
#define HOLDFAST_MACHINE_CLOCK_H

#include <stdint.h>

struct error;
struct machine;

/* Makes the clock's timer. 0, or -1 with the error set. */
int clock_open(struct machine *machine, struct error *error);
/* The guest's accesses. Any thread; cannot fail. */
void clock_write(struct machine *machine, uint8_t offset, uint8_t value);
uint8_t clock_read(struct machine *machine, uint8_t offset);
/* devices_lock is held. */
void clock_reset(struct machine *machine);
/* The thread that raises the clock's interrupts. */
void *clock_thread(void *machine);

#endif
