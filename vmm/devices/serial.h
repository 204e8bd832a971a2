/* SPDX-License-Identifier: MIT
 * A 16550A serial port: what is written goes to the console at once; what the console has received
 * is there to be read, for drivers that poll and for drivers that wait for interrupts. */
#ifndef HOLDFAST_DEVICES_SERIAL_H
#define HOLDFAST_DEVICES_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct console;

#define SERIAL_PORT  0x3f8u
#define SERIAL_PORTS 8u
#define SERIAL_IRQ   4u
#define SERIAL_FIFO  16u

struct serial {
    struct console *console;
    uint8_t ier, fcr, lcr, mcr, scratch;
    uint8_t divisor[2];
    bool emptied; /* the transmitter, and no driver has been told */
    uint8_t received[SERIAL_FIFO];
    uint8_t received_count;
};

/* port: 0 to 7, counted from SERIAL_PORT. Cannot fail. */
void serial_write(struct serial *serial, uint8_t port, const uint8_t *bytes, size_t count);
uint8_t serial_read(struct serial *serial, uint8_t port);
void serial_reset(struct serial *serial);

/* Whether the interrupt line is high; may differ after each of these calls. */
bool serial_interrupts(const struct serial *serial);

/* Whether the driver waits for an interrupt when bytes come in, and has room for one. */
bool serial_wants_input(const struct serial *serial);
/* Takes what the console has received, as far as there is room. */
void serial_take_input(struct serial *serial);

#endif
