/* SPDX-License-Identifier: MIT
 * The console's input, and the interrupt lines of serial port and power button. */
#ifndef HOLDFAST_MACHINE_INPUT_H
#define HOLDFAST_MACHINE_INPUT_H

struct machine;

/* Drives the serial port's interrupt line after anything about the port has changed. devices_lock
 * is held. */
void input_drive_serial_line(struct machine *machine);
/* The same for that of the power button and the clock's alarm. */
void input_drive_power_line(struct machine *machine);
/* The thread that hands the console's input to a driver that waits for interrupts. */
void *input_thread(void *machine);
/* Makes the thread look again at what the driver wants and whether the machine has ended. */
void input_wake(struct machine *machine);

#endif
