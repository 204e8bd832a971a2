/* SPDX-License-Identifier: MIT
 * An 8250 serial port as far as a polled driver needs it: what is written goes to the console at
 * once, what the console has received is there to be read. */
#ifndef HOLDFAST_MACHINE_SERIAL_H
#define HOLDFAST_MACHINE_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct console;

#define SERIAL_PORT  0x3f8u
#define SERIAL_PORTS 8u

struct serial {
    struct console *console;
    uint8_t ier, lcr, mcr, scratch;
    uint8_t divisor[2];
    bool received;
    uint8_t byte; /* received, not read yet */
};

/* port: 0 to 7, counted from SERIAL_PORT. Cannot fail. */
void serial_write(struct serial *serial, uint8_t port, const uint8_t *bytes, size_t count);
uint8_t serial_read(struct serial *serial, uint8_t port);
void serial_reset(struct serial *serial);

#endif
