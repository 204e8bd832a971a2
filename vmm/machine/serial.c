/* SPDX-License-Identifier: MIT */
#include "serial.h"

#include "console.h"

enum { DATA, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCRATCH };

#define LCR_DLAB      0x80u
#define LSR_RECEIVED  0x01u
#define LSR_IDLE      0x60u /* transmitter and its holding register are empty */
#define IIR_NOTHING   0x01u
#define MSR_CONNECTED 0xb0u /* carrier, data set ready, clear to send */

static bool divisor_latch(const struct serial *serial)
{
    return (serial->lcr & LCR_DLAB) != 0;
}

void serial_write(struct serial *serial, uint8_t port, const uint8_t *bytes, size_t count)
{
    const uint8_t last = bytes[count - 1];

    switch (port) {
    case DATA:
        if (divisor_latch(serial))
            serial->divisor[0] = last;
        else
            console_write(serial->console, bytes, count);
        break;
    case IER:
        if (divisor_latch(serial))
            serial->divisor[1] = last;
        else
            serial->ier = last & 0x0f;
        break;
    case LCR:
        serial->lcr = last;
        break;
    case MCR:
        serial->mcr = last & 0x1f;
        break;
    case SCRATCH:
        serial->scratch = last;
        break;
    default:
        break;
    }
}

static bool receive(struct serial *serial)
{
    if (!serial->received)
        serial->received = console_read(serial->console, &serial->byte);
    return serial->received;
}

uint8_t serial_read(struct serial *serial, uint8_t port)
{
    switch (port) {
    case DATA:
        if (divisor_latch(serial))
            return serial->divisor[0];
        if (!receive(serial))
            return 0;
        serial->received = false;
        return serial->byte;
    case IER:
        return divisor_latch(serial) ? serial->divisor[1] : serial->ier;
    case IIR_FCR:
        return IIR_NOTHING;
    case LCR:
        return serial->lcr;
    case MCR:
        return serial->mcr;
    case LSR:
        return (uint8_t)(LSR_IDLE | (receive(serial) ? LSR_RECEIVED : 0));
    case MSR:
        return MSR_CONNECTED;
    case SCRATCH:
        return serial->scratch;
    default:
        return 0xff;
    }
}

void serial_reset(struct serial *serial)
{
    *serial = (struct serial){.console = serial->console};
}
