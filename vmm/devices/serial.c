/* SPDX-License-Identifier: MIT */
#include "serial.h"

#include "console.h"

#include <string.h>

enum { DATA, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCRATCH };

#define IER_RECEIVED  0x01u
#define IER_EMPTIED   0x02u
#define IER_ALL       0x0fu
#define IIR_NOTHING   0x01u
#define IIR_EMPTIED   0x02u
#define IIR_RECEIVED  0x04u
#define IIR_FIFO      0xc0u
#define FCR_ENABLE    0x01u
#define FCR_CLEAR_IN  0x02u
#define LCR_DLAB      0x80u
#define MCR_LOOP      0x10u
#define MCR_OUT2      0x08u /* on a PC it gates the interrupt */
#define LSR_RECEIVED  0x01u
#define LSR_IDLE      0x60u /* transmitter and its holding register are empty */
#define MSR_CONNECTED 0xb0u /* carrier, data set ready, clear to send */

static bool divisor_latch(const struct serial *serial)
{
    return (serial->lcr & LCR_DLAB) != 0;
}

static bool loops(const struct serial *serial)
{
    return (serial->mcr & MCR_LOOP) != 0;
}

static void take_byte(struct serial *serial, uint8_t byte)
{
    if (serial->received_count < SERIAL_FIFO)
        serial->received[serial->received_count++] = byte;
}

static void transmit(struct serial *serial, const uint8_t *bytes, size_t count)
{
    if (loops(serial))
        for (size_t i = 0; i < count; i++)
            take_byte(serial, bytes[i]);
    else
        console_write(serial->console, bytes, count);
    serial->emptied = true;
}

static void set_ier(struct serial *serial, uint8_t value)
{
    /* A driver that asks to be told is told, though the transmitter has been empty all along. */
    if ((value & IER_EMPTIED) != 0 && (serial->ier & IER_EMPTIED) == 0)
        serial->emptied = true;
    serial->ier = value & IER_ALL;
}

static void set_fcr(struct serial *serial, uint8_t value)
{
    if ((value & FCR_CLEAR_IN) != 0 || ((value ^ serial->fcr) & FCR_ENABLE) != 0)
        serial->received_count = 0;
    serial->fcr = value;
}

void serial_write(struct serial *serial, uint8_t port, const uint8_t *bytes, size_t count)
{
    const uint8_t last = bytes[count - 1];

    switch (port) {
    case DATA:
        if (divisor_latch(serial))
            serial->divisor[0] = last;
        else
            transmit(serial, bytes, count);
        break;
    case IER:
        if (divisor_latch(serial))
            serial->divisor[1] = last;
        else
            set_ier(serial, last);
        break;
    case IIR_FCR:
        set_fcr(serial, last);
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

/* A driver that polls reads from the console itself. */
static bool has_received(struct serial *serial)
{
    uint8_t byte;

    if (serial->received_count == 0 && !loops(serial) && console_read(serial->console, &byte))
        take_byte(serial, byte);
    return serial->received_count > 0;
}

static uint8_t next_received(struct serial *serial)
{
    if (!has_received(serial))
        return 0;
    const uint8_t byte = serial->received[0];
    serial->received_count--;
    memmove(serial->received, serial->received + 1, serial->received_count);
    return byte;
}

static uint8_t interrupt_cause(const struct serial *serial)
{
    if ((serial->ier & IER_RECEIVED) != 0 && serial->received_count > 0)
        return IIR_RECEIVED;
    if ((serial->ier & IER_EMPTIED) != 0 && serial->emptied)
        return IIR_EMPTIED;
    return IIR_NOTHING;
}

static uint8_t read_iir(struct serial *serial)
{
    const uint8_t cause = interrupt_cause(serial);

    if (cause == IIR_EMPTIED)
        serial->emptied = false;
    return (uint8_t)(cause | ((serial->fcr & FCR_ENABLE) != 0 ? IIR_FIFO : 0));
}

static uint8_t read_msr(const struct serial *serial)
{
    if (!loops(serial))
        return MSR_CONNECTED;
    /* The modem's control lines come back as its status: RTS, DTR, OUT1, OUT2. */
    return (uint8_t)((serial->mcr & 0x02) << 3 | (serial->mcr & 0x01) << 5 |
                     (serial->mcr & 0x0c) << 4);
}

uint8_t serial_read(struct serial *serial, uint8_t port)
{
    switch (port) {
    case DATA:
        return divisor_latch(serial) ? serial->divisor[0] : next_received(serial);
    case IER:
        return divisor_latch(serial) ? serial->divisor[1] : serial->ier;
    case IIR_FCR:
        return read_iir(serial);
    case LCR:
        return serial->lcr;
    case MCR:
        return serial->mcr;
    case LSR:
        return (uint8_t)(LSR_IDLE | (has_received(serial) ? LSR_RECEIVED : 0));
    case MSR:
        return read_msr(serial);
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

bool serial_interrupts(const struct serial *serial)
{
    return (serial->mcr & MCR_OUT2) != 0 && !loops(serial) &&
           interrupt_cause(serial) != IIR_NOTHING;
}

bool serial_wants_input(const struct serial *serial)
{
    return (serial->ier & IER_RECEIVED) != 0 && !loops(serial) &&
           serial->received_count < SERIAL_FIFO;
}

void serial_take_input(struct serial *serial)
{
    uint8_t byte;

    while (serial_wants_input(serial) && console_read(serial->console, &byte))
        take_byte(serial, byte);
}
